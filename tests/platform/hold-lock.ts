/**
 * A process that takes the lock of a folder, says what came of it and lives until it is killed or told to end:
 * `node hold-lock.ts FOLDER [USER]`, the user as a number.
 */
import { takeLock } from '../../src/platform/lock.ts'

const [folder = '', user] = process.argv.slice(2)
if (user !== undefined) process.setuid?.(Number(user))
const lock = takeLock(folder)
process.stdout.write(`${lock.kind}\n`)
await new Promise((resolve) => process.stdin.once('end', resolve).resume())
