import { expect, it } from 'vitest'
import { doubt, type Row, sent, tellOfEach } from './tell-of-each.ts'

const never = { state: 'refused', copies: 0, tries: 1 } as const
const paced = { ...sent, tries: 1 }

const answers: readonly Row[] = [
  ...['450', '451', '452'].map((code) => later(`rcpt:${code}`, code)),
  ...['451', '452'].map((code) => later(`dot:${code}`, code)),
  later('data:451', '451'),
  later('data:503', '503'),
  { script: ['rcpt:451', 'dot:452', 'rcpt:450'], ...sent, tries: 4, says: /next try in 400ms/ },
  ...['550', '551', '553', '554'].map((code) => no(`rcpt:${code}`, code)),
  ...['550', '552', '554'].map((code) => no(`dot:${code}`, code)),
  no('data:554', '554'),
  { script: ['rcpt:greylist:400'], ...sent, says: /greylisted/ },
  // About the pace of the account, not about the message: not charged.
  { script: ['dot:421'], ...paced, says: /message.deferred: .*421/ },
  { script: ['dot:"432 4.3.2 try later"'], ...paced, says: /432/ },
  { script: ['dot:"451 4.3.2 not taking messages"'], ...paced, says: /4\.3\.2/ },
  { script: ['dot:"554 5.2.0 daily quota exceeded"'], ...paced, says: /quota/ },
  { script: ['rcpt:"450 4.3.2 too many connections"'], ...paced, says: /too many/ },
]

function later(line: string, code: string): Row {
  return { script: [line], ...sent, tries: 2, says: new RegExp(`message.deferred: next try in .*${code}`) }
}

function no(line: string, code: string): Row {
  return { script: [line], ...never, says: new RegExp(`message.refused: .*${code}`) }
}

const three: readonly Row[] = [
  { script: ['rcpt2:550'], ...sent, tries: 1, says: /1 of 3 recipients refused: 550/ },
  { script: ['rcpt1:550 rcpt3:553'], ...sent, tries: 1, says: /2 of 3 recipients refused: 55/ },
  { script: ['rcpt:550'], ...never, says: /message.refused: .*550/ },
  { script: ['rcpt3:451'], state: 'accepted', copies: 2, tries: 2, says: /1 of 3 recipients left to try/ },
  { script: ['rcpt1:452 rcpt2:550'], state: 'accepted', copies: 2, tries: 2, says: /1 of 3 recipients refused/ },
  { script: ['rcpt2:550 dot:451'], ...sent, tries: 2, says: /1 of 3 recipients refused/ },
  { script: ['rcpt2:550 dot:lost'], state: 'accepted', copies: 2, tries: 2, says: doubt },
  { script: ['rcpt2:550 dot:554'], ...never, says: /message.refused/ },
  { script: ['rcpt2:drop', 'rcpt3:drop'], ...sent },
  { script: ['rcpt2:421'], ...sent },
].map((row) => ({ ...row, many: true }) as Row)

tellOfEach([...answers, ...three], (run) => {
  it('recipients that were settled are not asked again', () => {
    const again = run().chaos.tries.filter(({ to }) => to === 'third@example.com')
    expect(again).toHaveLength(1)
  })
})
