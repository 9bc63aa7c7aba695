import { expect, test } from 'vitest'
import { hasCode } from '../../src/platform/files.ts'
import { createLog } from '../../src/platform/log.ts'
import { offlineReason } from '../../src/platform/scan.ts'
import { reasonOf, systemCode } from '../../src/platform/system-errors.ts'

/** As Node makes them for errors that libuv has no name for: by promise or stream, and by writeSync. */
const stale = (): Error =>
  Object.assign(new Error("Unknown system error -116: Unknown system error -116, scandir '/mnt/erp/in'"), {
    code: 'Unknown system error -116',
    errno: -116,
  })
const quota = (): Error => Object.assign(new Error('UNKNOWN: unknown error, write'), { code: 'UNKNOWN', errno: -122 })

test('errors that Node has no name for have their names again', () => {
  expect([systemCode(stale()), systemCode(quota())]).toEqual(['ESTALE', 'EDQUOT'])
  expect(hasCode(new Error('while looking', { cause: stale() }), ['ESTALE'])).toBe(true)
  expect(reasonOf(quota())).toBe('EDQUOT: the disk quota is used up, write')
})

test('other errors are left as they are', () => {
  const denied = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES', errno: -13 })
  expect([systemCode(denied), reasonOf(denied), systemCode(new Error('x')), reasonOf('text')]).toEqual([
    'EACCES',
    'EACCES: permission denied, open',
    undefined,
    'text',
  ])
})

test('a stale handle counts as a share that is away, and says so', () => {
  expect(offlineReason(stale())).toBe(
    "ESTALE: stale file handle, the share was exported or mounted anew, scandir '/mnt/erp/in'",
  )
})

test('the log names them, in the message and in the stack', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', secrets: [], destination: { write: (line) => void lines.push(line) } })
  log.error({ err: stale() }, 'pass failed')
  const { err } = JSON.parse(lines[0] ?? '{}') as { err: { message: string; stack: string } }
  expect(err.message).toContain('ESTALE')
  expect(lines[0]).not.toContain('Unknown system error -116:')
})
