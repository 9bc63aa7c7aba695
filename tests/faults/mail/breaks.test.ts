import { expect, it } from 'vitest'
import { slowness } from './mail-story.ts'
import { doubt, type Row, sent, tellOfEach } from './tell-of-each.ts'

// A kept connection that breaks before the last byte is replaced at once, so a break is scripted twice to be seen.
const twice = (line: string): readonly string[] => [line, line]
const broke = {
  ...sent,
  says: /message.deferred: .*broke before the whole message was sent|message.deferred: .*mail server/,
}

const breaks: readonly Row[] = [
  ...['rcpt:drop', 'rcpt:close', 'data:drop', 'data:close', 'rcpt:hang'].map((line) => ({
    script: twice(line),
    ...broke,
  })),
  ...['dot:drop', 'dot:close', 'dot:hang', 'dot:junk', 'dot:wrong', 'dot:endless'].map((line) => ({
    script: [line],
    ...sent,
    tries: 2,
    says: doubt,
  })),
  ...['dot:lost', 'dot:lost-close', 'dot:lost-hang'].map((line) => ({
    script: [line],
    state: 'accepted' as const,
    copies: 2,
    tries: 2,
    says: doubt,
  })),
  { script: ['dot:lost', 'dot:lost'], state: 'accepted', copies: 3, tries: 3, says: doubt },
  { script: ['dot:lost', 'dot:554'], state: 'refused', copies: 1, says: /message.refused: .*554/ },
  { script: ['body:drop'], ...sent },
  { script: ['body:close'], ...sent },
  { script: ['dot:then-drop'], ...sent, tries: 1 },
]

const odd: readonly Row[] = [
  ...[
    'rcpt:delay:200',
    'data:delay:200',
    'dot:delay:300',
    'body:delay:300',
    'rcpt:slow:10',
    'dot:slow:10',
    'split',
  ].map((line) => ({ script: [line], ...sent, tries: 1 })),
  { script: ['rcpt:lines:50'], ...sent, tries: 1 },
  { script: ['dot:lines:50'], ...sent, tries: 1 },
  // A byte at a time, slower than anybody has patience for.
  { script: [`dot:slow:${150 * slowness}`], state: 'accepted', copies: 2, says: doubt },
  { script: twice(`rcpt:slow:${150 * slowness}`), ...broke },
  ...['rcpt:junk', 'data:junk', 'rcpt:wrong', 'data:wrong', 'rcpt:endless', 'data:endless:3000000'].map((line) => ({
    script: twice(line),
    ...broke,
  })),
  { script: twice('rcpt:lines:20000'), ...sent },
  // As much as some will read of one answer.
  { script: ['dot:lines:20000'], ...sent, most: 2 },
  // An answer too many must not be taken for the answer to something else.
  { script: ['rcpt:double'], ...sent },
  { script: ['data:double'], ...sent, most: 2 },
  { script: ['dot:double'], ...sent, tries: 1 },
  { script: twice('data:250'), ...broke },
]

tellOfEach([...breaks, ...odd], (run, mailOf) => {
  it('the chain behind a mail that was in doubt tells it', async () => {
    const why = await run().orderly(['why', mailOf('dot:lost').id])
    expect(why).toMatch(/message\.unknown .*no answer after the whole message was sent/)
    expect(why).toMatch(/message\.accepted/)
  })

  it('endless lines were not kept in memory', () => {
    expect(run().peakMemory()).toBeLessThan(320)
  })
})
