/**
 * Plays the story under strace and checks the order of its durable calls; then takes syncs out of that very log and
 * sees whether each is missed: `node tests/faults/files/lint-order.ts`. Ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isSync, orderViolations, type Rule, rules, without } from './call-order.ts'
import { type Call, durableCalls, parseStrace, traced } from './strace-log.ts'
import { phases, playStory } from './story.ts'

/** What a program forgets, and the rule that must notice. */
const forgotten: readonly {
  readonly rule: Rule
  readonly what: string
  readonly is: (call: Call, folder: string) => boolean
}[] = [
  {
    rule: 'renamedUnsynced',
    what: 'fsync of a staged export',
    is: (call) => isSync(call) && call.path.includes('/out/') && call.path.includes('.tmp'),
  },
  {
    rule: 'renamedUnsynced',
    what: 'fsync of a problems file',
    is: (call) => isSync(call) && call.path.includes('.problems.'),
  },
  {
    rule: 'exportUnrecorded',
    what: 'fsync of the ledger',
    is: (call) => isSync(call) && call.path.endsWith('.db-wal'),
  },
  {
    rule: 'exportUnsynced',
    what: 'fsync of export folders',
    is: (call, folder) => isSync(call) && dirname(call.path) === `${folder}/out`,
  },
  {
    rule: 'doneTooEarly',
    what: 'fsync of export folders',
    is: (call, folder) => isSync(call) && dirname(call.path) === `${folder}/out`,
  },
  {
    rule: 'claimUnsynced',
    what: 'fsync of claim folders',
    is: (call) => isSync(call) && call.path.endsWith('/.orderly'),
  },
  {
    rule: 'claimUnsynced',
    what: 'fsync of import folders',
    is: (call, folder) => isSync(call) && dirname(call.path) === `${folder}/in`,
  },
  {
    rule: 'movedUncommitted',
    what: 'fsync of the ledger',
    is: (call) => isSync(call) && call.path.endsWith('.db-wal'),
  },
  {
    rule: 'moveUnsynced',
    what: 'fsync of the folders of a day',
    is: (call) => isSync(call) && /\/processed\/\d/.test(call.path),
  },
  {
    rule: 'folderUnsynced',
    what: 'fsync above a new folder',
    is: (call) => isSync(call) && call.path.endsWith('/processed'),
  },
  { rule: 'sentUncommitted', what: 'fsync of the ledger', is: (call) => isSync(call) && call.path.endsWith('.db-wal') },
  {
    rule: 'resultUncommitted',
    what: 'fsync of the ledger',
    is: (call) => isSync(call) && call.path.endsWith('.db-wal'),
  },
  { rule: 'smsUncommitted', what: 'fsync of the ledger', is: (call) => isSync(call) && call.path.endsWith('.db-wal') },
  {
    rule: 'receiptUncommitted',
    what: 'fsync of the ledger',
    is: (call) => isSync(call) && call.path.endsWith('.db-wal'),
  },
]

const wrap = (to: string) => (): string[] => traced(to, [...durableCalls, 'read'])

async function lint(work: string): Promise<{ passed: number; failed: number }> {
  const logs = { intake: join(work, 'intake'), exports: join(work, 'exports') }
  const { folder } = await playStory({ intake: wrap(logs.intake), exports: wrap(logs.exports) })
  const runs = phases.map((phase) => parseStrace(readFileSync(logs[phase], 'latin1')))
  let [passed, failed] = [0, 0]
  const check = (name: string, wrong: readonly string[]): void => {
    process.stdout.write(
      `${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name}\n${wrong.map((line) => `       ${line}\n`).join('')}`,
    )
    if (wrong.length === 0) passed += 1
    else failed += 1
  }
  const found = runs.flatMap((calls) => orderViolations(calls, folder))
  for (const [rule, sentence] of Object.entries(rules)) {
    check(
      sentence,
      found.filter((each) => each.rule === rule).map(({ what }) => what),
    )
  }
  for (const { rule, what, is } of forgotten) {
    const cut = runs.flatMap((calls) =>
      orderViolations(
        without(calls, (call) => is(call, folder)),
        folder,
      ),
    )
    const noticed = cut.some((each) => each.rule === rule)
    check(
      `without ${what} it is noticed: ${rules[rule]}`,
      noticed ? [] : ['nothing was noticed: the check proves nothing'],
    )
  }
  return { passed, failed }
}

if (spawnSync('strace', ['-V']).status !== 0) {
  process.stdout.write('strace is missing: apt-get install strace\n0 passed, 1 failed\n')
  process.exitCode = 1
} else {
  const work = mkdtempSync(join(tmpdir(), 'orderly-order-'))
  try {
    const { passed, failed } = await lint(work)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
    process.exitCode = failed === 0 ? 0 : 1
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
