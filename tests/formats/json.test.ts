import { describe, expect, test } from 'vitest'

import { fieldsOf, problemsOf, readAll } from './reading.ts'
import type { FormatText } from './reading.ts'

const format: FormatText = { type: 'json', fields: { number: 'id', note: 'text', gross: 'total' } }
const codes = async (text: string, given: FormatText = format): Promise<string[]> =>
  (await problemsOf(text, given)).flatMap((item) => item.problems.map((problem) => problem.code))

describe('documents', () => {
  test.each([
    ['a list', undefined, '[{"id":"1"},{"id":"2"}]', ['1', '2']],
    ['one object', undefined, ' {"id":"1","x":[{"id":"9"}]}\n', ['1']],
    ['an empty list', undefined, ' [ ] ', []],
    [
      'a list at a path',
      'data.orders',
      '{"x":{"orders":[{"id":"9"}]},"data":{"n":1,"orders":[{"id":"1"}],"z":"]"}}',
      ['1'],
    ],
    ['an object at a path', 'order', '{"order":{"id":"1"}}', ['1']],
    ['keys with escapes', 'a"b', '{"a\\"b":[{"id":"1"}]}', ['1']],
  ])('%s', async (_, records, text, expected) => {
    for (const size of [1, 3, 1000]) {
      const given = records === undefined ? format : { ...format, records }
      const items = await readAll(text, given, 'orders', size)
      expect(items.map((item) => item.kind === 'record' && item.record.fields['number'])).toEqual(expected)
    }
  })

  test('records know their line, row and text', async () => {
    expect(await readAll('[\n {"id":"1",\n "text":"}]"},\n {"id":"2"}]', format)).toMatchObject([
      { record: { row: 1, line: 2, text: '{"id":"1",\n "text":"}]"}' } },
      { record: { row: 2, line: 4 } },
    ])
  })

  test.each([
    ['[{"id":"1"},{"id":"2"}', 2, 'D025'],
    ['[{"id":"1"},{"id":"2', 1, 'D025'],
    ['[{"id":"1"},', 1, 'D025'],
    ['', 0, 'D005'],
    ['[{"id":"1"}] trailing', 1, 'D016'],
    ['[{"id":"1"} {"id":"2"}]', 1, 'D016'],
    ['[{"id":"1"},]', 1, 'D016'],
    ['order 7', 0, 'D018'],
    ['"text"', 0, 'D018'],
  ])('%s is cut or broken: %i good records, then %s', async (text, good, code) => {
    for (const size of [1, 1000]) {
      const items = await readAll(text, format, 'orders', size)
      expect(items.filter((item) => item.kind === 'record')).toHaveLength(good)
      expect(items.at(-1)).toMatchObject({ kind: 'problem', fatal: true, problems: [{ code }] })
    }
  })

  test('a broken record refuses itself and says where', async () => {
    expect(await readAll('[{"id":"1"},\n{"id":"2" "x":1},\n{"id":"3"}, 7, [1]]', format)).toMatchObject([
      { kind: 'record' },
      { kind: 'problem', fatal: false, row: 2, problems: [{ code: 'D016', place: { line: 2, record: 2 } }] },
      { kind: 'record' },
      { kind: 'problem', problems: [{ code: 'D018', found: '"7"' }] },
      { kind: 'problem', problems: [{ code: 'D018' }] },
    ])
  })

  test('a path that is not there is told with the one that was probably meant', async () => {
    const [problem] = await problemsOf('{"data":{"order":[]}}', { ...format, records: 'data.orders' })
    expect(problem?.problems[0]).toMatchObject({ code: 'D017', hint: 'Did you mean "data.order"?' })
  })

  test('a record over 16 MiB is refused, not held', async () => {
    const chunk = Buffer.from('x'.repeat(1_000_000))
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('[{"id":"')
      for (let i = 0; i < 40; i++) yield chunk
    }
    const { read } = await import('../../src/formats/open-format.ts')
    const { ImportFormat } = await import('../../src/config/schema.ts')
    const items: unknown[] = []
    for await (const batch of read(chunks(), ImportFormat.parse(format), 'orders')) items.push(...batch)
    expect(items).toMatchObject([{ kind: 'problem', fatal: true, problems: [{ code: 'D012' }] }])
  })

  test('deep nesting is read or refused, never a crash', async () => {
    const deep = `[{"id":"1","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}]`
    const items = await readAll(deep, format)
    expect(items).toHaveLength(1)
  })
})

describe('fields', () => {
  test.each([
    ['12345678901234567890.12', '12345678901234567890.12'],
    ['0.1', '0.1'],
    ['1.10', '1.1'],
    ['9007199254740993', '9007199254740993'],
    ['1.5e3', '1500'],
    ['-0', '0'],
    ['"1.10"', '1.10'],
    ['true', 'true'],
  ])('the value %s is %s', async (source, expected) => {
    expect((await fieldsOf(`[{"id":"1","total":${source}}]`, format))[0]?.['gross']).toBe(expected)
  })

  test('numbers follow the decimal mark of the config, so that they are read back', async () => {
    expect((await fieldsOf('{"id":"1","total":12.5}', { ...format, decimal: ',' }))[0]?.['gross']).toBe('12,5')
  })

  test('null, empty text and absent keys are no values; inherited names are not found', async () => {
    expect(await fieldsOf('{"id":"1","text":null,"total":""}', format)).toEqual([{ number: '1' }])
    expect(await fieldsOf('{"id":"1","__proto__":{"text":"x"}}', format)).toEqual([{ number: '1' }])
    expect(await fieldsOf('{"id":"1"}', { type: 'json', fields: { number: 'id', note: 'constructor.name' } })).toEqual([
      { number: '1' },
    ])
  })

  test('a list where one value is expected stays a list, an object stays a group', async () => {
    expect(await fieldsOf('{"id":["1","2"],"text":{"a":1}}', format)).toEqual([{ number: ['1', '2'], note: {} }])
  })

  test.each(['items.sku', 'items[].sku'])('lines come from the list on the path %s', async (sku) => {
    const given = {
      type: 'json',
      fields: { number: 'id', 'lines.sku': sku, 'lines.location': 'warehouse', 'lines.ean': 'items.codes.0.ean' },
    }
    const text = '{"id":"1","warehouse":"W","items":[{"sku":"a","codes":[{"ean":"1"},{"ean":"2"}]},{"sku":"b"},{}]}'
    expect(await fieldsOf(text, given)).toEqual([
      {
        number: '1',
        lines: [{ sku: 'a', location: 'W', ean: '1' }, { sku: 'b', location: 'W' }, { location: 'W' }],
      },
    ])
  })

  test('a single line that is no list is one line; none is none', async () => {
    const given = { type: 'json', fields: { number: 'id', 'lines.sku': 'item.sku' } }
    expect(await fieldsOf('[{"id":"1","item":{"sku":"a"}},{"id":"2"}]', given)).toEqual([
      { number: '1', lines: [{ sku: 'a' }] },
      { number: '2', lines: [] },
    ])
  })

  test('line fields from different lists are refused', async () => {
    const given = { type: 'json', fields: { number: 'id', 'lines.sku': 'a.sku', 'lines.quantity': 'b.qty' } }
    expect(await codes('{"id":"1","a":[{"sku":"x"}],"b":[{"qty":1}]}', given)).toEqual(['D036'])
  })

  test('own names need no mapping, own fields included', async () => {
    const text =
      '{"number":"1","fields":{"shelf":"B7"},"lines":[{"sku":"a","fields":{"size":"L"}},{"sku":"b"}],"other":1}'
    expect(await fieldsOf(text, { type: 'json' })).toEqual([
      { number: '1', fields: { shelf: 'B7' }, lines: [{ sku: 'a', fields: { size: 'L' } }, { sku: 'b' }] },
    ])
  })
})

test('a JSON Lines file goes on after a broken line', async () => {
  const items = await readAll('{"id":"1"}\r\n\r\nnot json\r\n{"id":"2","text":"a;\\"b"}', { ...format, type: 'jsonl' })
  expect(items).toMatchObject([
    { record: { row: 1, line: 1, text: '{"id":"1"}' } },
    { kind: 'problem', row: 2, fatal: false, text: 'not json', problems: [{ code: 'D016', place: { line: 3 } }] },
    { record: { row: 3, line: 4, fields: { note: 'a;"b' } } },
  ])
})
