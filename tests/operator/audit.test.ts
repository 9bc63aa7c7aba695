import { afterAll, beforeAll, expect, test } from 'vitest'
import { readdirSync, readFileSync, rmSync, writeFileSync, appendFileSync, cpSync } from 'node:fs'
import { liveThroughADay, openStory, type Story } from './audited-story.ts'

let day: Story
beforeAll(async () => {
  day = openStory()
  await liveThroughADay(day)
}, 30_000)
afterAll(() => day[Symbol.dispose]())

const plants: Record<string, string | ((s: Story) => void)> = {
  order: "delete from record where json_extract(data,'$.number') = '1002' and kind='order'",
  payment: "delete from record where kind='payment' and json_extract(data,'$.bankKey') = 'K1'",
  movement: "delete from record where kind='movement'",
  clearing: "delete from record where key = 16",
  customer: "delete from record where key = 1",
  parked: "delete from record where kind = 'parked'",
  event: "delete from event where seq = 30",
  lastEvent: "delete from event where seq = (select max(seq) from event)",
  birth: "delete from event where name = 'order.imported' and seq = (select min(seq) from event where name = 'order.imported')",
  msgEvent: "delete from event where name = 'message.accepted' and seq = (select min(seq) from event where name = 'message.accepted')",
  line: "delete from export_line where seq = 9",
  lineLast: "delete from export_line where seq = 21",
  lineOpen: "update export_line set file = null where seq = 9",
  lineMoved: "update export_line set file = 3 where seq = 9",
  lineDouble: "insert into export_line (id, export, dedupe_key, subject, file, because, fields, trace) select 'xln_x', export, dedupe_key || 'x', subject, file, because, fields, trace from export_line where seq = 9",
  fields: "update export_line set fields = replace(fields, '\"2\"', '\"3\"') where seq = 9",
  state: "update record set state = 'packed', data = json_set(data, '$.status', 'packed') where key = 4",
  stateCol: "update record set state = 'packed' where key = 4",
  paid: "update record set data = json_set(data, '$.paid', 1) where key = 4",
  payStatus: "update record set data = json_set(data, '$.paymentStatus', 'unpaid') where key = 4",
  alloc: "update record set data = json_set(data, '$.allocations[0].amount', 1) where key = 7",
  allocMore: "update record set data = json_set(data, '$.allocations[0].amount', 99999) where key = 7",
  payState: "update record set state='unmatched', data = json_set(data, '$.state', 'unmatched') where key = 7",
  transition: "update record set data = json_set(data, '$.transition', 9) where key = 4",
  clr: "update record set data = json_set(data, '$.gross', 1, '$.net', 1) where key = 16",
  message: "delete from message_content where message = 1; delete from sent where message = 1; delete from message where key = 1",
  messageContent: "delete from message_content where message = 1",
  msgState: "update message set state = 'queued', finished_at = null where key = 1",
  msgSending: "update message set state = 'sending', finished_at = null, taken_at = 1 where key = 1",
  attempts: "update message set attempts = 2 where key = 1",
  finished: "update message set finished_at = null where key = 1",
  part: "delete from part",
  dedupe: "update message set dedupe_key = 'x' where key = 1",
  timer: "delete from timer where done_at is null",
  timerDone: "update timer set done_at = 1, outcome = 'fired' where done_at is null",
  timerMore: "insert into timer (id, name, subject, due_at) select 'tmr_x', 'collect.delivery', subject, due_at from timer where done_at is null",
  file: "delete from file where key = 2",
  fileCount: "update file set applied = applied - 1 where key = 2",
  fileCount2: "update file set applied = applied - 1, read = read - 1 where key = 2",
  fileCount3: "update file set applied = applied - 1, repeated = 1 where key = 2",
  filePos: "update file set position = 3 where key = 2",
  fileState: "update file set state = 'importing' where key = 2",
  xfile: "delete from export_file where key = 5",
  xfileMid: "delete from export_file where key = 3",
  xstate: "update export_file set state = 'held' where key = 5",
  xhash: "update export_file set sha256 = 'aa' where key = 5",
  xlines: "update export_file set lines = 7 where key = 5",
  xseq: "update export_file set sequence = 9 where key = 5",
  ref: "delete from reference where record = 4 and name = 'number'",
  refMore: "insert into reference values ('number', '77', 'order', 4)",
  tally: "update tally set count = count + 1 where what = 'record' and name = 'order' and state = 'received'",
  because: "update event set because = seq + 1 where seq = 20",
  copy: (s) => rmSync(s.path('in', 'orders', 'processed', readdirSync(s.path('in', 'orders', 'processed'))[0]!, 'O1.csv')),
  copyDay: (s) => rmSync(s.path('in', 'orders', 'processed', readdirSync(s.path('in', 'orders', 'processed'))[0]!), { recursive: true }),
  copyByte: (s) => appendFileSync(s.path('in', 'orders', 'processed', readdirSync(s.path('in', 'orders', 'processed'))[0]!, 'O1.csv'), 'x'),
  dup: (s) => writeFileSync(s.path('in', 'orders', 'duplicate', 'y.csv'), 'x'),
  claim: (s) => writeFileSync(s.path('in', 'orders', '.orderly', 'a-b-1~y.csv'), 'x'),
  placed: (s) => rmSync(s.path('out', 'stock', 'stock-0001.csv')),
  placedByte: (s) => appendFileSync(s.path('out', 'stock', 'stock-0001.csv'), 'x'),
  placedDouble: (s) => { const p = s.path('out', 'orderStatus', 'orderStatus-0001.csv'); const t = readFileSync(p, 'utf8').split('\n'); writeFileSync(p, [...t.slice(0, 2), t[1], ...t.slice(2)].join('\n')) },
  foreign: (s) => cpSync(s.path('out', 'stock', 'stock-0001.csv'), s.path('out', 'stock', 'stock-0002.csv')),
  done: (s) => rmSync(s.path('out', 'orderStatus', 'orderStatus-0001.csv.done')),
}
test.each(Object.keys(plants))('%s', async (name) => {
  using story = day.copy()
  const plant = plants[name]!
  if (typeof plant === 'string') story.change((db) => db.exec(plant))
  else plant(story)
  const told = await story.audit('--exports-kept')
  console.log(name, told.code, told.findings.length === 0 ? told.text : '\n   ' + told.findings.join('\n   '))
})
