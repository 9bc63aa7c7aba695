/**
 * A mail server that misbehaves by script (see script.ts), on 127.0.0.1 and a free port.
 *
 * Behaviours are given to connections and messages in the order in which they come, or to a message by whom it is for.
 * What the server took is on record with all that a test may want to know about it.
 */
import { createHash } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Behaviour, readBehaviour } from './script.ts'
import { serve } from './session.ts'

export interface Taken {
  readonly messageId: string
  readonly subject: string
  readonly from: string
  readonly to: readonly string[]
  /** Recipients that it did not take in the same conversation. */
  readonly refused: readonly string[]
  /** At most 256 kB of it, byte for byte. */
  readonly text: string
  readonly size: number
  readonly sha256: string
  /** Bytes that RFC 5321 does not allow: line ends of one half, zeros; and the longest line. */
  readonly bare: number
  readonly zeros: number
  readonly longestLine: number
  readonly secured: boolean
  readonly user: string | undefined
  readonly behaviour: string
  /** Whether the client was told; false for a lost answer. */
  readonly told: boolean
}

export interface ChaosOptions {
  readonly extensions: readonly string[]
  /** `user:password`, demanded then. */
  readonly login?: string
  readonly size?: number
  readonly tls: 'none' | 'starttls' | 'implicit'
}

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** One attempt at a message: when, and to whom first (empty before anybody was named). */
interface Begun {
  readonly at: number
  to: string
  behaviour: string
}
export type Try = Readonly<Begun>

export interface Chaos extends AsyncDisposable {
  readonly port: number
  readonly taken: Taken[]
  readonly commands: string[]
  readonly tries: readonly Try[]
  /** Times of all connections, in milliseconds. */
  readonly connections: number[]
  /** Connections that are open now. */
  open(): number
  /** Behaviours of the next connections, and of the messages that no line of `forRecipient` is for. */
  readonly plan: { readonly connections: string[]; readonly messages: string[] }
  /** By the first recipient's address: the behaviours of its first, second … attempt. */
  readonly forRecipient: Map<string, string[]>
  /** Of connections and messages that nothing else is said about. */
  otherwise: { connection: string; message: string }
  /** Shown from the next handshake on. */
  certificate: Certificate | undefined
  close(): Promise<void>
  /** Listens again on the same port. */
  reopen(): Promise<void>
}

/** What a session sees of the server. */
export interface ChaosState {
  readonly options: ChaosOptions
  readonly certificate: Certificate | undefined
  readonly commands: string[]
  readonly taken: readonly Taken[]
  /** A message begins; what it is to meet is known then, or when its first recipient is named. */
  nextMessage(): { readonly one: Begun; readonly behaviour: Behaviour }
  messageTo(one: Begun, address: string): Behaviour | undefined
  isGrey(address: string, ms: number): boolean
  take(mail: Arrived): void
}

export type Arrived = Omit<
  Taken,
  'messageId' | 'subject' | 'text' | 'size' | 'sha256' | 'bare' | 'zeros' | 'longestLine'
> & {
  readonly body: Buffer
}

const usual: ChaosOptions = { extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'], tls: 'none' }

export async function startChaos(given: Partial<ChaosOptions> = {}): Promise<Chaos> {
  const sockets = new Set<Socket>()
  const grey = new Map<string, number>()
  const tries: Begun[] = []
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    chaos.connections.push(Date.now())
    void serve(socket, state, readBehaviour(chaos.plan.connections.shift() ?? chaos.otherwise.connection))
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(port, '127.0.0.1', () => resolve())
    })
  await listen(0)
  const { port } = listener.address() as AddressInfo
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    if (listener.listening) await new Promise<void>((resolve) => listener.close(() => resolve()))
  }
  const chaos: Chaos = {
    port,
    taken: [],
    commands: [],
    tries,
    connections: [],
    open: () => sockets.size,
    plan: { connections: [], messages: [] },
    forRecipient: new Map(),
    otherwise: { connection: '', message: '' },
    certificate: undefined,
    close,
    reopen: () => listen(port),
    [Symbol.asyncDispose]: close,
  }
  const state: ChaosState = {
    options: { ...usual, ...given },
    get certificate() {
      return chaos.certificate
    },
    commands: chaos.commands,
    taken: chaos.taken,
    nextMessage: () => {
      const line = chaos.plan.messages.shift() ?? chaos.otherwise.message
      const one: Begun = { at: Date.now(), to: '', behaviour: line }
      tries.push(one)
      return { one, behaviour: readBehaviour(line) }
    },
    messageTo: (one, address) => {
      one.to = address
      const lines = chaos.forRecipient.get(address)
      if (lines === undefined) return undefined
      one.behaviour = lines.shift() ?? ''
      return readBehaviour(one.behaviour)
    },
    isGrey: (address, ms) => {
      const first = grey.get(address) ?? Date.now()
      grey.set(address, first)
      return Date.now() - first < ms
    },
    take: ({ body, ...mail }) => void chaos.taken.push({ ...mail, ...looksOf(body) }),
  }
  return chaos
}

function looksOf(body: Buffer): Omit<Taken, keyof Omit<Arrived, 'body'>> {
  const text = body.toString('latin1')
  const head = text.slice(0, Math.max(0, text.indexOf('\r\n\r\n'))).replaceAll(/\r\n[ \t]+/g, ' ')
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? ''
  return {
    messageId: field('Message-ID'),
    subject: field('Subject'),
    text: text.slice(0, 262_144),
    size: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    bare: text.match(/\r(?!\n)|(?<!\r)\n/g)?.length ?? 0,
    zeros: text.match(/\0/g)?.length ?? 0,
    longestLine: Math.max(...text.split('\r\n').map((line) => line.length)),
  }
}
