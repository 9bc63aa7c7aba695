/**
 * The daemon as a process of its own, for tests that kill it: `node run-daemon.ts CONFIG`.
 *
 * Log lines go to stdout; the exit code is 0 after a stop, 78 for a bad config, 75 when one runs already.
 */
import { runDaemon } from '../../src/daemon/daemon.ts'
import { listenForStop } from '../../src/daemon/stop.ts'

using stop = listenForStop(() => undefined)
const end = await runDaemon({ configFile: process.argv[2] ?? '', env: process.env, signal: stop.signal })
if (end.kind === 'badConfig') process.stdout.write(`${JSON.stringify(end.problems)}\n`)
process.exitCode = end.kind === 'stopped' ? 0 : end.kind === 'badConfig' ? 78 : 75
