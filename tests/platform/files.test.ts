import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, link, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  Stalled,
  deviceOf,
  hasCode,
  hashFile,
  replaceAtomic,
  safeName,
  syncFolder,
  withDeadline,
  writeAtomic,
} from '../../src/platform/files.ts'
import { moveFile } from '../../src/platform/move-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orderly-files-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
const text = async (...path: string[]): Promise<string> => await readFile(join(folder, ...path), 'utf8')

describe('writeAtomic', () => {
  test('writes the bytes under the name and leaves nothing else behind', async () => {
    expect(await writeAtomic(folder, 'a.csv', Buffer.from([1, 2, 255]))).toBe('written')
    expect(await readdir(folder)).toEqual(['a.csv'])
    expect([...(await readFile(join(folder, 'a.csv')))]).toEqual([1, 2, 255])
    expect((await stat(join(folder, 'a.csv'))).nlink).toBe(1)
  })

  test('never overwrites', async () => {
    await writeFile(join(folder, 'a.csv'), 'first')
    expect(await writeAtomic(folder, 'a.csv', 'second')).toBe('exists')
    expect(await text('a.csv')).toBe('first')
    expect(await readdir(folder)).toEqual(['a.csv'])
  })

  test('of many writers of one name one wins, and its file is whole', async () => {
    const contents = Array.from({ length: 12 }, (_, i) => String(i).repeat(100_000))
    const outcomes = await Promise.all(contents.map((content) => writeAtomic(folder, 'x', content)))
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
    expect(await text('x')).toBe(contents[outcomes.indexOf('written')])
    expect(await readdir(folder)).toEqual(['x'])
  })

  test('takes the mode that is asked for', async () => {
    await writeAtomic(folder, 'secret', 'x', { mode: 0o600 })
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
  })

  test('a name of the greatest length the disk knows can be written', async () => {
    const name = 'ő'.repeat(127)
    expect(await writeAtomic(folder, name, 'x')).toBe('written')
    expect(await readdir(folder)).toEqual([name])
  })

  test.each(['', '.', '..', '../a', 'a/b', 'a\0b'])('refuses %j as a name', async (name) => {
    await expect(writeAtomic(folder, name, 'x')).rejects.toThrow('is no file name')
    expect(await readdir(folder)).toEqual([])
  })

  test('a missing folder is an error that names the file and keeps the code', async () => {
    const error: unknown = await writeAtomic(join(folder, 'away'), 'a', 'x').catch((thrown: unknown) => thrown)
    expect(String(error)).toContain(join(folder, 'away', 'a'))
    expect(hasCode(error, ['ENOENT'])).toBe(true)
  })

  test('a full disk leaves no temporary file behind', async (context) => {
    const full = await canWriteToTinyDisk(folder)
    if (full === undefined) return context.skip('needs unshare and mount rights for a tiny disk')
    expect(full).toEqual({ failed: 'ENOSPC', left: [] })
  })

  test('the bytes are on the disk before they get their name, and the name before it says so', async (context) => {
    const trace = join(folder, 'trace')
    const script = `import { writeAtomic } from ${JSON.stringify(join(import.meta.dirname, '../../src/platform/files.ts'))}
      await writeAtomic(${JSON.stringify(join(folder))}, 'out.csv', 'x')`
    const calls = ['-f', '-e', 'trace=fsync,link,unlink,rename', '-o', trace]
    const traced = spawn('strace', [...calls, process.execPath, '--input-type=module', '-e', script], {
      stdio: 'ignore',
    })
    const code = await new Promise((resolve) => traced.on('error', () => resolve(-1)).on('close', resolve))
    if (code !== 0) return context.skip('strace is missing or not allowed')
    const steps = [...(await readFile(trace, 'utf8')).matchAll(/ (fsync|link|unlink|rename)\(/g)].map(
      (found) => found[1],
    )
    expect(steps).toEqual(['fsync', 'link', 'unlink', 'fsync'])
  })

  test('killed at any moment it leaves the whole file or none', async () => {
    const script = join(import.meta.dirname, 'write-forever.ts')
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await wait(20 + round * 17)
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    expect(names.length).toBeGreaterThan(3)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
    expect(sizes.filter((size) => size !== 300_000)).toEqual([])
  })
})

/** Fills a 64 kB tmpfs in a mount namespace of its own; undefined where that is not allowed. */
async function canWriteToTinyDisk(at: string): Promise<{ failed: string; left: string[] } | undefined> {
  const script = join(import.meta.dirname, 'write-to-full-disk.ts')
  const command = `mount -t tmpfs -o size=64k tmpfs ${at} && exec ${process.execPath} ${script} ${at}`
  const child = spawn('unshare', ['-Urm', 'sh', '-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  const code = await new Promise((resolve) => child.on('error', () => resolve(-1)).on('close', resolve))
  return code === 0 ? (JSON.parse(out) as { failed: string; left: string[] }) : undefined
}

describe('replaceAtomic', () => {
  test('takes the place of what was there', async () => {
    await replaceAtomic(folder, 'status.json', '{"n":1}')
    await replaceAtomic(folder, 'status.json', '{"n":2}', { mode: 0o640 })
    expect(await text('status.json')).toBe('{"n":2}')
    expect((await stat(join(folder, 'status.json'))).mode & 0o777).toBe(0o640)
    expect(await readdir(folder)).toEqual(['status.json'])
  })
})

describe('moveFile', () => {
  test('moves into a folder that it makes, and numbers the name on a clash', async () => {
    const paths: unknown[] = []
    for (const content of ['one', 'two', 'three']) {
      await writeFile(join(folder, 'in.csv'), content)
      paths.push(await moveFile(join(folder, 'in.csv'), join(folder, 'processed', '2026-11-22'), 'in.csv'))
    }
    const at = (name: string): unknown => ({ kind: 'moved', path: join(folder, 'processed', '2026-11-22', name) })
    expect(paths).toEqual([at('in.csv'), at('in-1.csv'), at('in-2.csv')])
    expect(await text('processed', '2026-11-22', 'in-1.csv')).toBe('two')
    await expect(access(join(folder, 'in.csv'))).rejects.toThrow('ENOENT')
  })

  test('says that the file is gone when it is', async () => {
    expect(await moveFile(join(folder, 'in.csv'), join(folder, 'out'), 'in.csv')).toEqual({ kind: 'gone' })
  })

  test('many movers of one file: one moves it, for the others it is gone', async () => {
    await writeFile(join(folder, 'in.csv'), 'x')
    const movers = Array.from({ length: 8 }, () => moveFile(join(folder, 'in.csv'), join(folder, 'out'), 'in.csv'))
    const outcomes = await Promise.allSettled(movers)
    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toEqual([])
    expect(await readdir(join(folder, 'out'))).toEqual(['in.csv'])
  })

  test('a move that was cut off between its two steps is finished, not repeated under another name', async () => {
    await mkdir(join(folder, 'out'))
    await writeFile(join(folder, 'in.csv'), 'x')
    await link(join(folder, 'in.csv'), join(folder, 'out', 'in.csv'))
    const moved = await moveFile(join(folder, 'in.csv'), join(folder, 'out'), 'in.csv')
    expect(moved).toEqual({ kind: 'moved', path: join(folder, 'out', 'in.csv') })
    expect(await readdir(folder)).toEqual(['out'])
    expect(await readdir(join(folder, 'out'))).toEqual(['in.csv'])
  })

  test('moves folders too, without overwriting (hard links are refused for them)', async () => {
    for (const content of ['one', 'two']) {
      await mkdir(join(folder, 'msg'))
      await writeFile(join(folder, 'msg', 'body.txt'), content)
      await moveFile(join(folder, 'msg'), join(folder, 'sent'), 'msg')
    }
    expect(await text('sent', 'msg', 'body.txt')).toBe('one')
    expect(await text('sent', 'msg-1', 'body.txt')).toBe('two')
  })

  test('a name that leads elsewhere is refused', async () => {
    await writeFile(join(folder, 'in.csv'), 'x')
    await expect(moveFile(join(folder, 'in.csv'), join(folder, 'out'), '../../evil')).rejects.toThrow('is no file name')
    expect(await text('in.csv')).toBe('x')
  })
})

test('hashFile is the SHA-256 of the bytes, also of a file larger than its buffer', async () => {
  await writeFile(join(folder, 'empty'), '')
  await writeFile(join(folder, 'abc'), 'abc')
  await writeFile(join(folder, 'big'), 'a'.repeat(1_000_000))
  expect(await hashFile(join(folder, 'empty'))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(await hashFile(join(folder, 'abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  // FIPS 180-2, example B.3
  expect(await hashFile(join(folder, 'big'))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  await expect(hashFile(join(folder, 'none'))).rejects.toThrow('ENOENT')
})

test('syncFolder and deviceOf work on a folder and fail on none', async () => {
  await syncFolder(folder)
  expect(await deviceOf(folder)).toBe((await stat(tmpdir())).dev)
  await expect(syncFolder(join(folder, 'none'))).rejects.toThrow('ENOENT')
})

describe('time limits', () => {
  test('a call on a file server that does not answer ends as Stalled', async () => {
    const fifo = join(folder, 'fifo') // opening a pipe that nobody writes to hangs as a dead NFS server does
    await once(spawn('mkfifo', [fifo]), 'exit')
    const error: unknown = await hashFile(fifo, { deadlineMs: 50 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Stalled)
    expect(error).toMatchObject({ afterMs: 50, what: `read ${fifo}` })
    await writeFile(fifo, '') // frees the thread
  })

  test('a result in time is the result, a failure in time the failure, and no timer stays', async () => {
    const before = timers()
    const pending = withDeadline(wait(30), 10_000, 'x')
    expect(timers()).toBe(before + 2)
    await pending
    expect(await withDeadline(Promise.resolve(7), 10_000, 'x')).toBe(7)
    await expect(withDeadline(Promise.reject(new Error('bad')), 10_000, 'x')).rejects.toThrow('bad')
    // One of an earlier test may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('a failure after the time limit is nobody’s unhandled rejection', async () => {
    const late = wait(40).then((): never => {
      throw new Error('late')
    })
    await expect(withDeadline(late, 5, 'x')).rejects.toBeInstanceOf(Stalled)
    await wait(60)
  })
})

describe('safeName', () => {
  test.each([
    ['ORD 2026-11.csv', 'ORD 2026-11.csv'],
    ['Rendelés_őű 注文.xml', 'Rendelés_őű 注文.xml'],
    ['../../etc/passwd', '____etc_passwd'],
    ['..\\..\\boot.ini', '____boot.ini'],
    ['a\0b\nc\x1b[31m', 'a_b_c__31m'],
    ['.hidden', '_hidden'],
    ['-rf', '_rf'],
    ['', 'unnamed'],
    ['...', '_'],
    ['nul.txt', '_nul.txt'],
    ['COM1', '_COM1'],
    ['a:b*c?d"e<f>g|h', 'a_b_c_d_e_f_g_h'],
    ['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
    ['trailing. . ', 'trailing'],
    ['e\u0301', 'é'],
    ['\uD800x', '_x'],
  ])('%j becomes %j', (hostile, safe) => {
    expect(safeName(hostile)).toBe(safe)
  })

  test.each([
    'a'.repeat(500) + '.csv',
    '注'.repeat(500) + '.csv',
    '👨‍👩‍👧'.repeat(90),
    'e' + '\u0301'.repeat(900),
    '.'.repeat(400),
  ])('a long name is cut to what every disk takes, its extension kept (case %#)', (long) => {
    const name = safeName(long)
    expect(name.length).toBeLessThanOrEqual(120)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
    expect(name).not.toBe('')
    expect(name.isWellFormed()).toBe(true)
    if (long.endsWith('.csv')) expect(name.endsWith('.csv')).toBe(true)
    expect(basename(name)).toBe(name)
  })

  test('whatever comes, the result can be written as a file and is its own safe name', async () => {
    for (let i = 0; i < 300; i++) {
      const codes = Array.from({ length: (i % 40) + 1 }, (_, k) => (i * 7919 + k * 104_729) % 0x1_0fff)
      const name = safeName(String.fromCodePoint(...codes))
      expect(safeName(name)).toBe(name)
      expect(await writeAtomic(folder, `${i}${name}`, '')).toBe('written')
    }
  })
})

test('a folder without write permission is an error, not a lost file', async (context) => {
  if (process.getuid?.() === 0) return context.skip('root may write everywhere')
  await chmod(folder, 0o500)
  await expect(writeAtomic(folder, 'a', 'x')).rejects.toThrow('EACCES')
  await chmod(folder, 0o700)
})
