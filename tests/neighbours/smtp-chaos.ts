/**
 * A small SMTP server that misbehaves by script, on 127.0.0.1 and a free port.
 * Every deed is used once, at the first command of its step; without a deed the server behaves.
 * It does not check anything: what reaches it is recorded as it came.
 */
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { TLSSocket, createServer as createTlsServer } from 'node:tls'

export type ChaosStep =
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'handshake'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'dot'
  | 'idle'

export interface Deed {
  readonly at: ChaosStep
  /** fin and rst cut the line, silence never answers; reply answers that, and goes on as the code says. */
  readonly do:
    | 'fin'
    | 'rst'
    | 'silence'
    | 'junk'
    | { readonly reply: string; readonly cut?: 'fin' | 'rst'; readonly afterMs?: number }
  /** Only the n-th command of the step (1-based), counted over the server's life. */
  readonly nth?: number
  /** For `body`: after so many bytes. */
  readonly bytes?: number
  /** At each command, not once. */
  readonly always?: boolean
}

export interface ChaosMail {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
}

export interface ChaosServer {
  readonly port: number
  /** Mails whose final dot arrived, whether or not they were answered. */
  readonly mails: ChaosMail[]
  readonly commands: string[]
  readonly connections: () => number
  readonly close: () => Promise<void>
}

export interface ChaosOptions {
  readonly deeds?: readonly Deed[]
  readonly extensions?: readonly string[]
  readonly tls?: { readonly key: string; readonly cert: string; readonly implicit?: boolean }
}

interface World {
  readonly server: ChaosServer
  readonly deeds: Deed[]
  readonly counts: Map<ChaosStep, number>
  readonly options: ChaosOptions
}

export async function startChaos(options: ChaosOptions = {}): Promise<ChaosServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const onSocket = (socket: Socket): void => {
    connections += 1
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    new Session(world, socket).greet()
  }
  const { tls } = options
  const listener: Server = tls?.implicit === true ? createTlsServer(tls, onSocket) : createServer(onSocket)
  listener.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const server: ChaosServer = {
    port: (listener.address() as AddressInfo).port,
    mails: [],
    commands: [],
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => listener.close(() => resolve()))
    },
  }
  const world: World = { server, deeds: [...(options.deeds ?? [])], counts: new Map(), options }
  return server
}

class Session {
  private readonly world: World
  private socket: Socket
  private buffer = ''
  private mode: 'commands' | 'body' | 'deaf' = 'commands'
  private from = ''
  private to: string[] = []

  constructor(world: World, socket: Socket) {
    this.world = world
    this.socket = socket
    this.listen()
  }

  greet(): void {
    this.answer('greeting', '220 chaos')
  }

  private listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      if (this.mode === 'deaf') return
      this.buffer += chunk.toString('latin1')
      this.read()
    })
  }

  private read(): void {
    while (this.mode === 'commands') {
      const end = this.buffer.indexOf('\r\n')
      if (end < 0) return
      const line = this.buffer.slice(0, end)
      this.buffer = this.buffer.slice(end + 2)
      this.command(line)
    }
    if (this.mode === 'body') this.body()
  }

  private body(): void {
    const cut = this.world.deeds.find((deed) => deed.at === 'body')
    if (cut && this.buffer.length >= (cut.bytes ?? 1)) {
      this.answer('body', '')
      return
    }
    const end = this.buffer.startsWith('.\r\n') ? 0 : this.buffer.indexOf('\r\n.\r\n')
    if (end < 0) return
    const data = this.buffer.slice(0, end)
    this.buffer = this.buffer.slice(end + (end === 0 ? 3 : 5))
    this.world.server.mails.push({ from: this.from, to: this.to, data })
    this.mode = 'commands'
    this.answer('dot', '250 2.0.0 taken')
    this.read()
  }

  private command(line: string): void {
    this.world.server.commands.push(line)
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO') this.answer('ehlo', this.hello())
    else if (verb === 'STAR') this.startTls()
    else if (verb === 'AUTH') this.answer('auth', '235 2.7.0 welcome')
    else if (verb === 'MAIL') {
      this.from = addressIn(line)
      this.to = []
      this.answer('mail', '250 2.1.0 ok')
    } else if (verb === 'RCPT') {
      if (this.answer('rcpt', '250 2.1.5 ok')) this.to.push(addressIn(line))
    } else if (verb === 'DATA') this.data()
    else if (verb === 'QUIT') this.socket.end('221 bye\r\n')
    else this.socket.write('250 ok\r\n')
  }

  private data(): void {
    if (this.to.length === 0) this.socket.write('503 5.5.1 no recipients\r\n')
    else if (this.answer('data', '354 go')) this.mode = 'body'
  }

  private hello(): string {
    const secure = this.socket instanceof TLSSocket
    const tls = this.world.options.tls !== undefined && !secure ? ['STARTTLS'] : []
    const lines = [
      'chaos',
      ...(this.world.options.extensions ?? ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'AUTH PLAIN']),
      ...tls,
    ]
    return lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n')
  }

  private startTls(): void {
    const { tls } = this.world.options
    if (tls === undefined) {
      this.answer('starttls', '502 5.5.1 not here')
      return
    }
    if (!this.answer('starttls', '220 go')) return
    this.socket.removeAllListeners('data')
    if (this.deed('handshake')) {
      this.socket.destroy()
      return
    }
    const secure = new TLSSocket(this.socket, { isServer: true, ...tls })
    secure.on('error', () => undefined)
    this.socket = secure
    this.buffer = ''
    this.listen()
  }

  private deed(step: ChaosStep): Deed | undefined {
    const count = (this.world.counts.get(step) ?? 0) + 1
    this.world.counts.set(step, count)
    const { deeds } = this.world
    const at = deeds.findIndex((deed) => deed.at === step && (deed.nth === undefined || deed.nth === count))
    const deed = deeds[at]
    if (deed && deed.always !== true) deeds.splice(at, 1)
    return deed
  }

  /** Answers or misbehaves; true when the answer was a yes. */
  private answer(step: ChaosStep, normal: string): boolean {
    const what = this.deed(step)?.do ?? { reply: normal }
    if (what === 'junk') this.socket.write('\u0001\u0002 what?\r\n')
    else if (what === 'silence') this.mode = 'deaf'
    else if (what === 'fin') this.hangUp('fin')
    else if (what === 'rst') this.hangUp('rst')
    else {
      if (what.afterMs) setTimeout(() => this.socket.write(`${what.reply}\r\n`), what.afterMs)
      else this.socket.write(`${what.reply}\r\n`)
      if (what.cut) this.hangUp(what.cut)
      return /^[23]/.test(what.reply)
    }
    return false
  }

  private hangUp(how: 'fin' | 'rst'): void {
    this.mode = 'deaf'
    if (how === 'fin') this.socket.end()
    else if (this.socket instanceof TLSSocket) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }
}

const addressIn = (line: string): string => Buffer.from(/<(.*?)>/.exec(line)?.[1] ?? '', 'latin1').toString()
