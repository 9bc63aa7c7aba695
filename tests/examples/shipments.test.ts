import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShippedShop, type ShippedShop } from './shipped-shop.ts'

let shop: ShippedShop
beforeEach(() => {
  shop = openShippedShop()
})
afterEach(() => shop[Symbol.dispose]())

const parcels = async (...rows: readonly string[]): Promise<void> =>
  await shop.import('shipments:SHIP', `OrderNo;State;Carrier;Tracking;Url;Note;Time\n${rows.join('\n')}\n`)
const row = (state: string, tracking: string, note = ''): string =>
  `100245;${state};Parcel Kft.;${tracking};https://parcel.example.com/${tracking};${note};02.03.2026 09:30`

const clean = async (): Promise<void> => {
  const { code, out, err } = await shop.run('audit')
  expect([code, code === 0 ? '' : out + err]).toEqual([0, ''])
}

test('a parcel that is told of before its order, in any order and twice, leads to each step once', async () => {
  await parcels(row('OUT', 'T1'), row('SHOP', 'T1'))
  await shop.orders({ number: '100245', payment: 'Utánvét' })
  expect((await shop.steps('100245')).filter((step) => step.startsWith('status'))).toEqual([
    'status shipped',
    'status readyForPickup',
  ])
  await parcels(row('OK', 'T1'), row('WAY', 'T1'))
  await parcels(row('WAY', 'T1'), row('OK', 'T1'))
  expect(await shop.steps('100245')).toEqual(['status delivered'])
  const history = await shop.run('orders', 'history', '100245')
  expect(history.out.match(/shipment\.\w+/g)).toEqual([
    'shipment.reported',
    'shipment.moved',
    'shipment.moved',
    'shipment.late',
  ])
  await clean()
})

test('orders show has the parcels of the order, its instructions and movements; why finds a parcel by its number', async () => {
  await shop.orders({ number: '100245', payment: 'Utánvét' })
  await parcels(row('OUT', 'T1'), row('BACK', 'T2', 'refused'))
  const { out } = await shop.run('orders', 'show', '100245')
  expect(out).toMatch(/T1 +Parcel Kft\. +dispatched +2026-03-02T08:30:00.000Z +https:\/\/parcel\.example\.com\/T1/)
  expect(out).toMatch(/T2 +Parcel Kft\. +returned .* refused/)
  expect(out).toMatch(/dispatch to +state/)
  expect(out).toMatch(/issue +1 +KD-210 +1/)
  const why = await shop.run('why', 'T2')
  expect(why.out).toContain('shipment Parcel Kft. T2')
  expect(why.out).toContain('SHIP')
  await clean()
})

test('the ERP is told of the status with the parcel behind it', async () => {
  await shop.orders({ number: '100245', payment: 'Utánvét' })
  await parcels(row('OUT', 'T1'))
  const told = await shop.look(async (ledger) => {
    const [order] = await ledger.records({ kind: 'order', number: '100245', limit: 1 })
    const { exportLines } = await ledger.aboutSubject(order?.id ?? '')
    return exportLines.filter((line) => line.export === 'status-to-erp').map(({ fields }) => fields)
  })
  expect(told).toMatchObject([
    { status: 'shipped', carrier: 'Parcel Kft.', trackingNumber: 'T1', trackingUrl: 'https://parcel.example.com/T1' },
  ])
})

test('cash on delivery by the first carrier that collects it, rounded, and taken back with its carrier', async () => {
  const path = (...names: readonly string[]): string => join(shop.folder, 'config', ...names)
  const cod = shop.read('config', 'workflows', 'payment-cod.yaml').replace('dispatch: warehouse', 'dispatch: carrier')
  writeFileSync(path('workflows', 'payment-cod.yaml'), cod)
  mkdirSync(path('carriers'))
  writeFileSync(path('carriers', 'letter.yaml'), '{}\n')
  writeFileSync(
    path('carriers', 'parcel.yaml'),
    'profile: door\ncashOnDelivery: { methods: [cod], currency: HUF, rounding: { HUF: "5" } }\nservices: [sms]\n',
  )
  await shop.orders({ number: '100245', payment: 'Utánvét', prepaid: '3' })
  const told = async (): Promise<readonly object[]> =>
    await shop.look(async (ledger) => {
      const [dispatch] = await ledger.records({ kind: 'dispatch', number: '100245', limit: 1 })
      const { exportLines } = await ledger.aboutSubject(dispatch?.id ?? '')
      return exportLines.map(({ fields }) => fields)
    })
  const line = { to: 'parcel', carrier: 'parcel', profile: 'door', services: 'sms', cashOnDelivery: '24985.00' }
  expect(await told()).toMatchObject([{ action: 'create', ...line }])
  await clean()
  const back = await shop.run('orders', 'roll-back', '100245')
  expect([back.code, back.err]).toEqual([0, ''])
  expect(await told()).toMatchObject([{ action: 'create' }, { action: 'cancel', ...line }])
  await clean()
})

test('stock that is taken by the config at the delivery, and brought back when the order is cancelled', async () => {
  const main = join(shop.folder, 'config', 'orderly.yaml')
  writeFileSync(main, `${shop.read('config', 'orderly.yaml')}\nstock: { deductOn: delivery, returnOn: [cancelled] }\n`)
  await shop.orders({ number: '100245', payment: 'Átutalás' })
  await parcels(row('OK', 'T1'))
  expect((await shop.steps('100245')).filter((step) => step.startsWith('stock'))).toEqual(['stock issue 1 × KD-210'])
  await shop.status('100245', 'X')
  expect((await shop.steps('100245')).filter((step) => step.startsWith('stock'))).toEqual(['stock return 1 × KD-210'])
  await clean()
})
