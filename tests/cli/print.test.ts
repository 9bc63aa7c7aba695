import { expect, test } from 'vitest'
import { exitCodes, exitMeanings, worse } from '../../src/cli/exit-codes.ts'
import { createOutput, jsonLine, printable, tableLines } from '../../src/cli/print.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { amountOf, collectFilter, countOf, dateOf, whenOf } from '../../src/cli/typed-values.ts'

test.each([
  ['a terminal command', '\u001b[2Jx', '\\e[2Jx'],
  ['a line break', 'a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['C1 control characters', '\u009b31m', '\\u{9b}31m'],
  ['a direction override', 'abc\u202egpj.exe', 'abc\\u{202e}gpj.exe'],
  ['zero width characters', 'a\u200bb\u2060\ufeff', 'a\\u{200b}b\\u{2060}\\u{feff}'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
  ['a tag character', 'a\u{e0041}', 'a\\u{e0041}'],
  ['a NUL and a backspace', '\u0000\u0008', '\\u{0}\\u{8}'],
])('%s is shown, not obeyed', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
  const line = jsonLine({ text })
  expect(printable(line)).toBe(line)
  expect(JSON.parse(line)).toEqual({ text })
})

test('letters of all languages and pictures stay as they are', () => {
  for (const text of ['Árvíztűrő tükörfúrógép', '注文', 'заказ', '100 % €', '🎉', 'é'])
    expect(printable(text)).toBe(text)
})

test('a table is aligned by what the eye sees, numbers to the right', () => {
  const rows = [
    { name: 'a', count: 5 },
    { name: '注文', count: 1234 },
    { name: 'x\u001b[1m', count: undefined },
  ]
  expect(
    tableLines(rows, [
      { head: 'name', of: ({ name }) => name },
      { head: 'count', of: ({ count }) => count, right: true },
    ]),
  ).toEqual(['name    count', 'a           5', '注文     1234', 'x\\e[1m'])
})

function collect(json: boolean): string {
  const texts: string[] = []
  const sink = { write: (text: string) => texts.push(text) }
  const out = createOutput(sink, sink, json)
  out.rows([{ a: 1 }], [{ head: 'a', of: ({ a }) => a }])
  out.value({ b: 2 })
  return texts.join('')
}

test('with --json only JSON lines are printed, without it only tables', () => {
  expect(collect(true)).toBe('{"a":1}\n{"b":2}\n')
  expect(collect(false)).toBe('a\n1\n')
})

test('a progress bar is drawn on a terminal only, once a percent, and removed at the end', () => {
  const texts: string[] = []
  const write = (text: string) => texts.push(text)
  const quiet = startProgress('file', { write, isTTY: false })
  quiet.update(1, 2)
  quiet.end()
  expect(texts).toEqual([])
  const bar = startProgress('fi\u001b[2Jle', { write, isTTY: true })
  for (let done = 0; done <= 1000; done++) bar.update(done, 1000)
  bar.end()
  expect(texts).toHaveLength(102)
  expect(texts[50]).toContain('50 %  fi\\e[2Jle')
})

test('every exit code has a meaning, and the worst of several is the code', () => {
  expect(exitMeanings.map(({ code }) => code)).toEqual(Object.values(exitCodes))
  expect(worse(worse(exitCodes.ok, exitCodes.notFound), exitCodes.not)).toBe(exitCodes.notFound)
})

const time = { now: Date.UTC(2026, 2, 29, 12), zone: 'Europe/Budapest', towards: 'past' } as const
test.each([
  ['2d', Date.UTC(2026, 2, 27, 12)],
  ['2026-03-14', Date.UTC(2026, 2, 13, 23)],
  ['2026-03-14T10:30', Date.UTC(2026, 2, 14, 9, 30)],
  ['2026-03-14T10:30:00Z', Date.UTC(2026, 2, 14, 10, 30)],
  ['2026-03-14T10:30+05:00', Date.UTC(2026, 2, 14, 5, 30)],
])('the time %s is understood', (text, instant) => expect(whenOf(text, '--since', time)).toBe(instant))

test('a day as a limit ends at its end, also when the clocks change, and a duration can look ahead', () => {
  expect(whenOf('2026-03-29', '--date', { ...time, endOfDay: true })).toBe(Date.UTC(2026, 2, 29, 22))
  expect(whenOf('2h', '--date', { ...time, towards: 'future' })).toBe(Date.UTC(2026, 2, 29, 14))
})

test.each(['', 'tomorrow', '2026-02-30', '14.03.2026', '2026-03-14T25:00', '2026-3-1', '-1d'])(
  'the time "%s" is refused with what was expected',
  (text) => expect(() => whenOf(text, '--since', time)).toThrow(/--since: .* is no time; expected 2026-03-14/),
)

test.each([
  ['12.50', 'EUR', 1250],
  ['12.5', 'EUR', 1250],
  ['24990', 'HUF', 2_499_000],
  ['1250', 'JPY', 1250],
  ['1.234', 'KWD', 1234],
])('%s %s is an amount', (text, currency, minor) => expect(amountOf(text, currency)).toBe(minor))

test.each([
  ['12,50', 'EUR'],
  ['12.505', 'EUR'],
  ['12.5', 'JPY'],
  ['1 000', 'EUR'],
  ['', 'EUR'],
  ['1e3', 'EUR'],
])('"%s" %s is refused, never rounded', (text, currency) =>
  expect(() => amountOf(text, currency)).toThrow(/is no amount in/),
)

test('dates, counts and filters are read strictly', () => {
  expect(dateOf('2026-03-14', '--date')).toBe('2026-03-14')
  expect(() => dateOf('2026-13-01', '--date')).toThrow(/is no date/)
  expect(countOf('--limit', 10)('10')).toBe(10)
  for (const text of ['0', '11', '-1', '1.5', 'x']) expect(() => countOf('--limit', 10)(text)).toThrow(/from 1 to 10/)
  expect(collectFilter('customer.email=a=b', { store: 'X' })).toEqual({ store: 'X', 'customer.email': 'a=b' })
  for (const text of ['x', '=y', "a'b=c", 'a b=c', '__proto__.x.y.z.a.b.c.d=1'])
    expect(() => collectFilter(text)).toThrow(/is no filter/)
})
