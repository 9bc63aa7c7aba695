import { expect, it } from 'vitest'
import { openPlaces } from '../../../src/dispatch/sms/places.ts'

it('gives so many places at once, and a place left to the one that has waited longest', async () => {
  const places = openPlaces(2)
  expect([places.enter(), places.enter()]).toEqual([undefined, undefined])
  const order: string[] = []
  const waiting = ['first', 'second'].map(async (name) => {
    await places.enter()
    order.push(name)
  })
  expect([places.taken(), places.waiting()]).toEqual([2, 2])
  places.leave()
  await waiting[0]
  expect(order).toEqual(['first'])
  expect([places.taken(), places.waiting()]).toEqual([2, 1])
  places.leave()
  await waiting[1]
  for (let i = 0; i < 2; i++) places.leave()
  expect([places.taken(), places.waiting()]).toEqual([0, 0])
  expect(places.enter()).toBeUndefined()
})
