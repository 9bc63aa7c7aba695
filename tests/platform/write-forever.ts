/** A process to be killed: writes whole files of 300 kB without end into the folder that it is given. */
import { writeAtomic } from '../../src/platform/files.ts'

const folder = process.argv[2] ?? ''
for (let i = 0; ; i++) {
  await writeAtomic(folder, `${process.pid}-${i}`, Buffer.alloc(300_000, 97))
  if (i === 1) process.stdout.write('writing\n')
}
