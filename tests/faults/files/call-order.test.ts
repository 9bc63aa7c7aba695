import { describe, expect, it } from 'vitest'
import { isSync, orderViolations, without } from './call-order.ts'
import { chance, draw, faultPoints, injecting } from './fault-points.ts'
import { parseStrace } from './strace-log.ts'

const wal = '24</w/var/ledger.db-wal>'
const page = (text: string, line = 10): string => `${line} pwrite64(${wal}, "\\0\\1${text}\\0", 4096, 32) = 4096`
const commit = `10 fsync(${wal}) = 0`
const good = [
  '10 rename("/w/in/orders/a.csv", "/w/in/orders/.orderly/m~a.csv") = 0',
  '11 fsync(30</w/in/orders/.orderly> <unfinished ...>',
  '10 write(1<pipe:[7]>, "x", 1) = 1',
  '11 <... fsync resumed>)                = 0',
  '11 fsync(31</w/in/orders>) = 0',
  page('a.csv msg_1'),
  commit,
  '11 mkdir("/w/in/orders/processed", 0777) = 0',
  '11 fsync(31</w/in/orders>) = 0',
  '11 link("/w/in/orders/.orderly/m~a.csv", "/w/in/orders/processed/a.csv") = 0',
  '11 unlink("/w/in/orders/.orderly/m~a.csv") = 0',
  '11 fsync(32</w/in/orders/processed>) = 0',
  '11 fsync(30</w/in/orders/.orderly>) = 0',
  page('msg_1 sending'),
  commit,
  '10 write(40<TCP:[127.0.0.1:1->127.0.0.1:2]>, "Message-ID: <msg_1@example.com>\\r\\n", 33) = 33',
  page('msg_1 accepted'),
  commit,
  '10 writev(41<TCP:[127.0.0.1:3->127.0.0.1:4]>, [{iov_base="\\0\\0\\0\\206\\0\\0\\0\\4", iov_len=8}], 1) = 8',
  '10 write(41<TCP:[127.0.0.1:3->127.0.0.1:4]>, "\\0\\0\\0\\206\\0\\0\\0\\4\\0\\0\\0\\0", 12) = 12',
  '10 read(41<TCP:[127.0.0.1:3->127.0.0.1:4]>, "id:s1 stat:DELIVRD", 65536) = 18',
  page('s1'),
  commit,
  '10 write(41<TCP:[127.0.0.1:3->127.0.0.1:4]>, "\\0\\0\\0\\21\\200\\0\\0\\5\\0\\0\\0\\0", 12) = 12',
  '11 openat(AT_FDCWD</w>, "/w/out/status/.x.tmp", O_WRONLY|O_CREAT, 0666) = 50</w/out/status/.x.tmp>',
  '11 write(50</w/out/status/.x.tmp>, "No;Status\\n", 10) = 10',
  '11 fsync(50</w/out/status/.x.tmp>) = 0',
  page('hash'),
  commit,
  '11 rename("/w/out/status/.x.tmp", "/w/out/status/S1.csv") = 0',
  '11 fsync(51</w/out/status>) = 0',
  '11 link("/w/out/status/.d.tmp", "/w/out/status/S1.csv.done") = 0',
  '11 fsync(51</w/out/status>) = 0',
  page('S1.csv, 1 lines'),
  commit,
]
const rulesBrokenBy = (lines: readonly string[]): readonly string[] =>
  [...new Set(orderViolations(parseStrace(lines.join('\n')), '/w').map(({ rule }) => rule))].toSorted()

describe('the order of durable calls', () => {
  it('finds nothing wrong with a good run', () => {
    expect(rulesBrokenBy(good)).toEqual([])
  })

  it.each([
    ['the fsync of the claim', 3, ['claimUnsynced'], 1],
    ['the fsync of the import folder', 4, ['claimUnsynced'], 1],
    ['the commit of the import', 6, ['movedUncommitted', 'sentUncommitted'], 1],
    ['the fsync above the new folder', 8, ['folderUnsynced'], 1],
    ['the fsync of the day', 11, ['moveUnsynced'], 1],
    ['the commit of the lease', 14, ['sentUncommitted'], 1],
    ['the commit of the receipt', 22, ['receiptUncommitted'], 1],
    ['the fsync of the staged export', 26, ['exportUnrecorded', 'renamedUnsynced'], 1],
    ['the commit of the hash', 28, ['exportUnrecorded'], 1],
  ])('misses %s', (_, at, broken) => {
    expect(rulesBrokenBy(good.toSpliced(at, 1))).toEqual(broken)
  })

  it('a call that failed, or that began before it should, counts as missing', () => {
    expect(
      rulesBrokenBy(good.with(26, '11 fsync(50</w/out/status/.x.tmp>) = -1 EIO (Input/output error) (INJECTED)')),
    ).toEqual(['exportUnrecorded', 'renamedUnsynced'])
    const early = good.toSpliced(30, 1).toSpliced(29, 0, '11 fsync(51</w/out/status>) = 0')
    expect(rulesBrokenBy(early)).toContain('doneTooEarly')
  })

  it('a program without any sync breaks nearly all of them', () => {
    const calls = without(parseStrace(good.join('\n')), isSync)
    expect(new Set(orderViolations(calls, '/w').map(({ rule }) => rule)).size).toBeGreaterThan(9)
  })
})

describe('points for faults', () => {
  const points = faultPoints('intake', parseStrace(good.join('\n')), '/w')

  it('are the durable calls of the world, with errors that such a call can give', () => {
    expect(new Set(points.map(({ call }) => call))).toEqual(
      new Set(['rename', 'fsync', 'pwrite64', 'mkdir', 'link', 'unlink', 'openat', 'write']),
    )
    expect(points.filter(({ call, error }) => call === 'fsync' && error === 'EACCES')).toEqual([])
  })

  it('are counted on their path where that is the same in each run', () => {
    const commits = points.filter(
      ({ path, call, error }) => call === 'fsync' && path === 'var/ledger.db-wal' && error === 'EIO',
    )
    expect(commits.map(({ nth }) => nth)).toEqual([1, 2, 3, 4, 5, 6])
    expect(points.filter(({ place }) => place.includes('MARK~')).length).toBeGreaterThan(0)
  })

  it('a draw is repeated by its seed, visits all places first, and repeats some faults', () => {
    const places = new Set(points.map(({ place }) => place)).size
    const drawn = draw(points, places, 7)
    expect(drawn).toEqual(draw(points, places, 7))
    expect(drawn).not.toEqual(draw(points, places, 8))
    expect(new Set(drawn.map(({ place }) => place)).size).toBe(places)
    expect(drawn.some(({ times }) => times === 3)).toBe(true)
    expect(draw(points, 10_000, 1).length).toBe(points.length)
  })

  it('are put in by strace at the n-th call', () => {
    const words = injecting(
      { phase: 'intake', call: 'fsync', path: 'var/x', nth: 2, error: 'EIO', times: 3, place: '' },
      '/w',
      '/log',
    )
    expect(words.join(' ')).toContain('-P /w/var/x -e trace=fsync -e inject=fsync:error=EIO:when=2..4')
  })

  it('chance is even and repeatable', () => {
    const one = chance(3)
    const values = Array.from({ length: 1_000 }, () => one())
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(values.filter((value) => value < 0.5).length).toBeGreaterThan(400)
  })
})
