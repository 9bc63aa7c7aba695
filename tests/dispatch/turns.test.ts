import { expect, test } from 'vitest'
import { openTurns } from '../../src/dispatch/turns.ts'

const to = (id: string, recipient = 'r', sender = 's') => ({ id, recipient, sender })

test('without distances it is always everybody’s turn', () => {
  expect(openTurns({}).turnOf(to('a'), 7)).toBe(7)
})

test('messages to one number keep their distance, others go at once', () => {
  const turns = openTurns({ perRecipient: 100 })
  expect(['a', 'b', 'c'].map((id) => turns.turnOf(to(id), 0))).toEqual([0, 100, 200])
  expect(turns.turnOf(to('d', 'other'), 0)).toBe(0)
})

test('who comes again at his turn finds it waiting, and takes no other’s', () => {
  const turns = openTurns({ perSender: 100 })
  expect(turns.turnOf(to('a'), 0)).toBe(0)
  expect(turns.turnOf(to('b'), 0)).toBe(100)
  expect(turns.turnOf(to('b'), 50)).toBe(100)
  expect(turns.turnOf(to('b'), 100)).toBe(100)
  expect(turns.turnOf(to('c'), 100)).toBe(200)
})

test('who comes long after his turn takes a new one', () => {
  const turns = openTurns({ perRecipient: 100 })
  turns.turnOf(to('a'), 0)
  expect(turns.turnOf(to('b'), 5)).toBe(100)
  expect(turns.turnOf(to('c'), 450)).toBe(450)
  expect(turns.turnOf(to('b'), 500)).toBe(550)
})

test('both distances hold', () => {
  const turns = openTurns({ perRecipient: 100, perSender: 10 })
  turns.turnOf(to('a', 'x'), 0)
  expect(turns.turnOf(to('b', 'y'), 0)).toBe(10)
  expect(turns.turnOf(to('c', 'x'), 0)).toBe(100)
})
