import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { messageId, orderId, paymentId } from '../../src/core/ids.ts'
import { idOf, resolveTarget, type TargetKind } from '../../src/operator/resolve-target.ts'
import { importedAt, type Office, openOffice } from './books-of.ts'

let office: Office
beforeAll(async () => {
  office = await openOffice()
  const second =
    'No;Total;Pay;Ship;Store;Name;Email;Sku;Qty\nWEB-1;9.00;card;courier;;Dóra;;D4;1\nA/7;1.00;card;courier;;Éva;;E5;1\n'
  await office.shop.write('config/channels/b2b.yaml', 'name: Business\n')
  const yaml = `
kind: orders
folder: ../in/b2b
files: "B2B*.csv"
channel: b2b
format: { type: csv, delimiter: ";", fields: { number: No, gross: Total, paymentMethod: Pay, deliveryMethod: Ship, customer.name: Name, lines.sku: Sku, lines.quantity: Qty } }
`
  const config = office.shop.path('config/orderly.yaml')
  const text = await readFile(config, 'utf8')
  await writeFile(
    config,
    text
      .replace('channels: { web: { language: en } }\n', '')
      .replace('imports:\n', `imports:\n  b2b:${yaml.replaceAll('\n', '\n    ')}\n`),
  )
  await office.shop.write('config/channels/web.yaml', 'language: en\n')
  await office.shop.write('B2B1.csv', second)
  const { code, err } = await office.shop.run(['import', 'B2B1.csv'], { now: importedAt })
  if (code !== 0) throw new Error(err)
})
afterAll(async () => await office[Symbol.asyncDispose]())

const all: readonly TargetKind[] = ['order', 'payment', 'record', 'message', 'exportFile', 'exportLine', 'file']

test.each([
  ['an id', () => orderId('web', 'WEB-2'), orderId('web', 'WEB-2')],
  ['a number that one order has', () => 'WEB-2', orderId('web', 'WEB-2')],
  ['a number with blanks around it', () => '  WEB-2 ', orderId('web', 'WEB-2')],
  ['channel and number', () => 'b2b/WEB-1', orderId('b2b', 'WEB-1')],
  ['channel and a number that holds a slash', () => 'b2b/A/7', orderId('b2b', 'A/7')],
  ['a number in another case', () => 'web-2', orderId('web', 'WEB-2')],
  ['the reference of the bank', () => 'B-2', paymentId('HU42', 'B-2')],
  ['account and reference of the bank', () => 'HU42/B-1', paymentId('HU42', 'B-1')],
])('%s names one thing', async (_, text, id) => {
  const resolved = await resolveTarget(office.ledger, text(), all)
  expect(resolved.kind === 'found' && idOf(resolved.target)).toBe(id)
})

test('a number that two channels use is told as several, with all of them', async () => {
  const resolved = await resolveTarget(office.ledger, 'WEB-1', ['order'])
  expect(resolved.kind === 'several' && resolved.candidates.map(idOf).toSorted()).toEqual(
    [orderId('b2b', 'WEB-1'), orderId('web', 'WEB-1')].toSorted(),
  )
})

test('messages, import files and export lines are found by their ids, files by their names too', async () => {
  const [message] = await office.ledger.messages({ limit: 1 })
  const [line] = await office.ledger.openExportLines('status', 1)
  const [file] = await office.ledger.files('orders', 1)
  for (const id of [message?.id, line?.id, file?.id]) {
    const resolved = await resolveTarget(office.ledger, id ?? '', all)
    expect(resolved.kind === 'found' && idOf(resolved.target)).toBe(id)
  }
  const byName = await resolveTarget(office.ledger, 'ORD1.csv', all)
  expect(byName.kind === 'found' && idOf(byName.target)).toBe(file?.id)
})

test.each([
  '',
  '   ',
  'nothing',
  'ord_0000',
  messageId('none'),
  "WEB-1' or '1'='1",
  'a/b/c/d',
  '/',
  '%',
  'ord_',
  '\u001b[2J',
])('nothing is found under %j', async (text) => {
  expect(await resolveTarget(office.ledger, text, all)).toEqual({ kind: 'none' })
})

test('what is of another kind than asked for is not found', async () => {
  expect(await resolveTarget(office.ledger, orderId('web', 'WEB-2'), ['payment'])).toEqual({ kind: 'none' })
})
