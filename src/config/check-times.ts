/**
 * Cron times of exports, and durations that must not be zero or must be longer than others.
 *
 * Throws nothing.
 */
import { durationOf } from '../core/date.ts'
import { cronProblems } from '../platform/ticker.ts'
import type { CheckContext } from './check-context.ts'
import type { Finding, Path } from './finding.ts'
import { didYouMean } from './nearest.ts'

export function checkTimes({ config }: Pick<CheckContext, 'config'>): readonly Finding[] {
  const { mail, sms } = config
  return [
    ...Object.entries(config.exports).flatMap(([code, { when }]) => cron(when, ['exports', code, 'when'])),
    ...Object.entries(config.imports).flatMap(([code, { every, expectEvery }]) => [
      ...notZero(every, ['imports', code, 'every']),
      ...notZero(expectEvery, ['imports', code, 'expectEvery']),
      ...ascending([every, expectEvery], ['every', 'expectEvery'], ['imports', code]),
    ]),
    ...notZero(mail.retry.first, ['mail', 'retry', 'first']),
    ...ascending(
      [mail.retry.first, mail.retry.max, mail.retry.giveUpAfter],
      ['first', 'max', 'giveUpAfter'],
      ['mail', 'retry'],
    ),
    ...notZero(sms.retry.first, ['sms', 'retry', 'first']),
    ...ascending([sms.retry.first, sms.retry.max], ['first', 'max'], ['sms', 'retry']),
    ...(sms.maxAge === 'never' ? [] : notZero(sms.maxAge, ['sms', 'maxAge'])),
    ...notZero(sms.fallBackAfter, ['sms', 'fallBackAfter']),
    ...Object.entries(config.workflows).flatMap(([code, workflow]) =>
      workflow.kind === 'collect'
        ? notZero(workflow.expiry.processing, ['workflows', code, 'expiry', 'processing'])
        : [],
    ),
  ]
}

function cron(when: string, path: Path): readonly Finding[] {
  if (when === 'atOnce') return []
  const expected = 'atOnce, or a cron time such as "0 18 * * *"'
  const hint = didYouMean(when, ['atOnce'])
  if (hint) return [{ code: 'C045', path, message: 'this is no time', expected, hint }]
  const problem = cronProblems(when)
  return problem === undefined ? [] : [{ code: 'C045', path, message: `the cron time is wrong: ${problem}`, expected }]
}

function notZero(text: string | undefined, path: Path): readonly Finding[] {
  if (text === undefined || durationOf(text) > 0) return []
  return [{ code: 'C048', path, message: 'the duration is zero', hint: 'Leave the key out for the default.' }]
}

/** Each must be at least as long as the one before; the place is that of the one that is too short. */
function ascending(
  durations: readonly (string | undefined)[],
  keys: readonly string[],
  path: Path,
): readonly Finding[] {
  return durations.flatMap((text, i): readonly Finding[] => {
    const before = durations[i - 1]
    if (text === undefined || before === undefined || durationOf(text) >= durationOf(before)) return []
    const message = `${keys[i]} (${text}) is shorter than ${keys[i - 1]} (${before})`
    return [{ code: 'C048', path: [...path, keys[i] ?? ''], message }]
  })
}
