/** A process that takes the lock of a folder, says what came of it and lives until it is killed or told to end. */
import { takeLock } from '../../src/platform/lock.ts'

const lock = takeLock(process.argv[2] ?? '')
process.stdout.write(`${lock.kind}\n`)
await new Promise((resolve) => process.stdin.once('end', resolve).resume())
