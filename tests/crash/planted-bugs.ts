/**
 * Bugs for the controls of the sweep: what to replace in the sources, and at which calls a kill should show it.
 *
 * Each is what a careless change might do: the undisturbed story comes out right, only a crash does not.
 */
import type { Replacement } from './program.ts'
import type { Point, Threads } from './trace.ts'

export interface Planted {
  readonly name: string
  readonly replacements: readonly Replacement[]
  readonly threads: Threads
  /** Calls where it may show; `order of calls`: it shows in the trace alone. */
  readonly where: ((point: Point) => boolean) | 'order of calls'
}

export const plantedBugs: readonly Planted[] = [
  {
    name: 'export-recorded-before-it-is-placed',
    replacements: [
      {
        find: `if ((await staged.place()) === 'exists')`,
        put: `await update(tools, file, { state: 'written', sha256 })
  if ((await staged.place()) === 'exists')`,
      },
    ],
    threads: 1,
    where: ({ phase, kind }) => phase === 'exports' && kind === 'rename out/X/NAME',
  },
  {
    name: 'export-not-synced',
    replacements: [{ find: 'await file.writeFile(bytes)\n    await file.sync()', put: 'await file.writeFile(bytes)' }],
    threads: 1,
    where: 'order of calls',
  },
  {
    name: 'lease-only-in-memory',
    replacements: [
      {
        find: 'return { keep: true, value: { rows, parts } }',
        put: `const held = (globalThis.held ??= new Set())
  for (const { key } of rows) held.add(key)
  return { keep: false, value: { rows, parts } }`,
      },
      {
        find: 'takeMessages(db, channel, limit, now, of))',
        put: 'takeMessages(db, channel, limit + 1_000, now, of))',
      },
      {
        find: 'if (rows.length === 0) return { keep: true, value: { rows, parts: [] } }',
        put: `for (let i = rows.length - 1; i >= 0; i--) if (globalThis.held?.has(rows[i].key)) rows.splice(i, 1)
  rows.splice(limit - 1_000)
  if (rows.length === 0) return { keep: true, value: { rows, parts: [] } }`,
      },
      {
        find: 'if (head === undefined || !update.from.includes(head.state)) return false',
        put: `const isHeld = head !== undefined && globalThis.held?.delete(head.key) === true
  if (head === undefined || !(isHeld || update.from.includes(head.state))) return false`,
      },
    ],
    threads: 1,
    // The first write of a commit, so that nothing of it is there.
    where: ({ phase, kind, after }) => phase === 'intake' && /^pwrite.*-wal$/.test(kind) && !after.startsWith('pwrite'),
  },
  {
    name: 'in-flight-taken-as-accepted',
    replacements: [
      {
        find: `outcome: { kind: 'unknown', reason: 'the daemon stopped while it was being sent' }`,
        put: `outcome: { kind: 'accepted', response: '250 surely' }`,
      },
      {
        // A call in the moment in which it shows, on a path that nothing else works on.
        find: 'return await transport.send(message)',
        put: `const sending = process.argv.at(-1).replace(/config\\/[^/]*$/, 'var/sending')
    process.getBuiltinModule('node:fs').mkdirSync(sending, { recursive: true })
    return await transport.send(message)`,
      },
    ],
    threads: 1,
    where: ({ phase, kind }) => phase === 'intake' && kind === 'mkdir var/sending',
  },
  {
    name: 'put-away-before-the-commit',
    replacements: [
      {
        find: 'await flush()\n  return { results, groups }',
        put: `const fs = process.getBuiltinModule('node:fs')
  for (const { path, name } of files) {
    const folder = path.replace(/\\.orderly\\/.*$/, 'processed/2026-01-01')
    fs.mkdirSync(folder, { recursive: true })
    fs.renameSync(path, folder + '/' + name)
    const opened = fs.openSync(folder)
    fs.fsyncSync(opened)
    fs.closeSync(opened)
  }
  await flush()
  return { results, groups }`,
      },
    ],
    threads: 1,
    // A call between the two, on a path that nothing else works on: the n-th is the same one in each run.
    where: ({ phase, call, path }) => phase === 'intake' && call === 'fsync' && path?.endsWith('/2026-01-01') === true,
  },
  {
    name: 'lines-taken-twice',
    replacements: [
      {
        find: 'for (const file of await tools.ledger.writingExports(target.name)) await finishFile(tools, target, file)',
        put: `for (const file of await tools.ledger.writingExports(target.name)) {
    const next = (digits: string): string => String(Number(digits) + 1).padStart(digits.length, '0')
    await finishFile(tools, target, { ...file, name: file.name.replace(/\\d+/, next) })
  }`,
      },
    ],
    threads: 1,
    where: ({ phase, kind, after }) =>
      phase === 'exports' && (kind === 'unlink out/X/.FILE.tmp' || after === 'rename out/X/NAME'),
  },
  {
    name: 'claims-forgotten',
    replacements: [
      {
        find: 'isLeft(name, now)',
        put: 'isLeft(name, now) && now < 0',
      },
    ],
    threads: 1,
    where: ({ phase, kind, after }) =>
      phase === 'intake' && (after === 'rename in/X/.orderly/CLAIM' || kind === 'link in/X/processed/DAY/NAME'),
  },
  {
    name: 'records-not-known-again',
    replacements: [
      { find: 'paymentDigest(account, bankKey)', put: `paymentDigest(account, bankKey + (globalThis.salt ?? ''))` },
      {
        find: "digest('file', importName, sha256)",
        put: `digest('file', importName, sha256 + (globalThis.salt ?? ''))`,
      },
      {
        find: 'for (const name of names) told.add(name)',
        put: `for (const name of names) {
        told.add(name)
        Object.assign(globalThis, { salt: '/again' })
      }`,
      },
    ],
    threads: 1,
    where: ({ phase, kind }) => phase === 'intake' && kind === 'link in/X/processed/DAY/NAME',
  },
]
