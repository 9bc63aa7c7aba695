/** A notify socket as systemd has one, in a process of its own: each message with the time of its arrival. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Notified {
  /** CLOCK_MONOTONIC in microseconds. */
  readonly at: number
  /** Fields of the message, e.g. READY. */
  readonly fields: Readonly<Record<string, string>>
}

export interface NotifyReceiver extends AsyncDisposable {
  readonly got: readonly Notified[]
  /** Arrivals of messages with that field, in microseconds. */
  readonly times: (field: string) => readonly number[]
}

const program = join(import.meta.dirname, '..', 'platform', 'receive-datagrams.py')

/** `socket`: a path, or @NAME. Needs python3. */
export async function receiveNotifications(socket: string): Promise<NotifyReceiver> {
  const child = spawn('python3', [program, socket, 'times'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  const got: Notified[] = []
  lines.on('line', (line) => {
    const [at, text] = JSON.parse(line) as [number, string]
    if (text === 'BARRIER=1') return
    const fields = text.split('\n').map((field): [string, string] => {
      const [name = '', ...value] = field.split('=')
      return [name, value.join('=')]
    })
    got.push({ at, fields: Object.fromEntries(fields) })
  })
  return {
    got,
    times: (field) => got.filter(({ fields }) => field in fields).map(({ at }) => at),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
