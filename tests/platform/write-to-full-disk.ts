/** Writes more than the disk holds and prints what failed and what is left. */
import { readdir } from 'node:fs/promises'
import { hasCode, writeAtomic } from '../../src/platform/files.ts'

const folder = process.argv[2] ?? ''
const error: unknown = await writeAtomic(folder, 'big', Buffer.alloc(200_000)).catch((thrown: unknown) => thrown)
const failed = hasCode(error, ['ENOSPC']) ? 'ENOSPC' : String(error)
process.stdout.write(JSON.stringify({ failed, left: await readdir(folder) }))
