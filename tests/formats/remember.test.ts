import { expect, test } from 'vitest'

import { ownCopy, remember } from '../../src/formats/remember.ts'

test('a text is worked on once, also where the answer is none', () => {
  const asked: string[] = []
  const short = remember((text) => {
    asked.push(text)
    return text.length > 3 ? undefined : text.toUpperCase()
  }, 10)
  expect([short('ab'), short('abcd'), short('ab'), short('abcd')]).toEqual(['AB', undefined, 'AB', undefined])
  expect(asked).toEqual(['ab', 'abcd'])
})

test('it forgets all when it is full, and answers on', () => {
  let work = 0
  const answer = remember((text) => `${text}${++work}`, 2)
  expect(['a', 'b', 'c', 'a', 'c'].map(answer)).toEqual(['a1', 'b2', 'c3', 'a4', 'c3'])
})

test.each(['', '12', '007', '-1', '__proto__', 'constructor', '\u0000', 'a b c', '\ud800', '06 30 123 4567'])(
  'the copy of %j is the same text',
  (text) => expect(ownCopy(text)).toBe(text),
)
