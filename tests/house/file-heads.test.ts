import { expect, it } from 'vitest'
import { sourceFiles } from './source-files.ts'

it('opens every file with its manual page: a block comment of 2 to 12 lines of text', () => {
  const without = sourceFiles('src').flatMap(({ path, text, tokens }) => {
    const [first, second] = tokens
    const head = first?.text.startsWith('#!') === true ? second : first
    if (head?.text.startsWith('/**') !== true) return [`${path}: starts with ${JSON.stringify(text.slice(0, 30))}`]
    const lines = linesOf(head.text)
    return lines.length >= 2 && lines.length <= 12 ? [] : [`${path}: ${lines.length} lines`]
  })
  expect(without).toEqual([])
})

/** Lines of the comment that say something. */
const linesOf = (comment: string): readonly string[] =>
  comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').trim())
    .filter((line) => line !== '')
