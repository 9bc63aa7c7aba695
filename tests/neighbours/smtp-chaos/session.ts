/**
 * One connection to the misbehaving mail server: the commands of SMTP, and what the script makes of them.
 *
 * What concerns the connection (connect, ehlo, starttls, auth, quit) follows the connection's behaviour; mail, rcpt, data,
 * body and dot follow the message's. A message is on record before it is answered. Ends when either side has gone.
 */
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { type Behaviour, type Deed, deedsAt, good, type Stage } from './script.ts'
import type { ChaosState } from './server.ts'
import { Wire } from './wire.ts'

/** Thrown when the script has cut the line. */
const gone = new Error('the line is cut')

const junk = Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0d, 0x0a, 0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x0d, 0x0a])
const ofConnection: ReadonlySet<Stage> = new Set(['connect', 'ehlo', 'starttls', 'auth', 'quit'])

/** Serves one connection to its end; never rejects. */
export async function serve(raw: Socket, state: ChaosState, behaviour: Behaviour): Promise<void> {
  raw.setNoDelay(true)
  await new Session(raw, state, behaviour).run().catch((error: unknown) => {
    if (error !== gone) raw.destroy()
  })
}

class Session {
  private readonly raw: Socket
  private readonly wire: Wire
  private readonly state: ChaosState
  private readonly connection: Behaviour
  private message: Behaviour = good
  private begun: ReturnType<ChaosState['nextMessage']>['one'] | undefined
  private paused = false
  private greeted = false
  private user: string | undefined
  private from: string | undefined
  private asked = 0
  private to: string[] = []
  private refused: string[] = []

  constructor(raw: Socket, state: ChaosState, connection: Behaviour) {
    this.raw = raw
    this.state = state
    this.connection = connection
    this.wire = new Wire(raw)
  }

  async run(): Promise<void> {
    if (this.state.options.tls === 'implicit') await this.secure()
    await this.answer('connect', '220 chaos.test ESMTP')
    for (let line = await this.wire.line(); line !== undefined; line = await this.wire.line()) {
      this.state.commands.push(line)
      await this.command(line)
    }
    this.raw.destroy()
  }

  private async command(line: string): Promise<void> {
    const verb = (/^[A-Za-z]+/.exec(line)?.[0] ?? '').toUpperCase()
    if (verb === 'EHLO' || verb === 'HELO') await this.hello(verb)
    else if (verb === 'STARTTLS') await this.startTls()
    else if (verb === 'AUTH') await this.logIn(line)
    else if (verb === 'MAIL') await this.sender(line)
    else if (verb === 'RCPT') await this.recipient(line)
    else if (verb === 'DATA') await this.data()
    else if (verb === 'RSET') {
      this.from = undefined
      await this.answer('rset', '250 2.0.0 forgotten')
    } else if (verb === 'NOOP') await this.write('250 2.0.0 here\r\n')
    else if (verb === 'QUIT') await this.goodbye()
    else await this.write('500 5.5.2 not a command\r\n')
  }

  private async goodbye(): Promise<void> {
    await this.answer('quit', '221 2.0.0 bye')
    this.wire.socket.end()
    throw gone
  }

  private async hello(verb: 'EHLO' | 'HELO'): Promise<void> {
    const { extensions, login, size, tls } = this.state.options
    this.from = undefined
    const offers = [
      ...extensions,
      ...(size === undefined ? [] : [`SIZE ${size}`]),
      ...(login === undefined ? [] : ['AUTH PLAIN LOGIN']),
      ...(tls === 'starttls' && !this.secured() && !this.does('starttls', 'hide') ? ['STARTTLS'] : []),
    ]
    const lines = ['chaos.test', ...(verb === 'EHLO' ? offers : [])]
    const text = lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n')
    if (verb === 'HELO') {
      this.greeted = true
      await this.write(`${text}\r\n`)
    } else if (await this.answer('ehlo', text)) this.greeted = true
  }

  private async startTls(): Promise<void> {
    const offered = this.state.options.tls === 'starttls' && !this.secured() && !this.does('starttls', 'hide')
    if (!offered) return await this.write('502 5.5.1 not offered\r\n')
    if (this.does('starttls', 'junk')) {
      await this.write('220 2.0.0 go ahead\r\n')
      this.wire.release()
      this.raw.end(junk)
      throw gone
    }
    if (!(await this.answer('starttls', '220 2.0.0 go ahead'))) return
    this.greeted = false
    await this.secure()
  }

  private async secure(): Promise<void> {
    const { key, cert } = this.state.certificate ?? { key: '', cert: '' }
    const secure = new TLSSocket(this.wire.release(), { isServer: true, key, cert })
    secure.on('error', () => undefined)
    this.wire.adopt(secure)
    await new Promise<void>((resolve, reject) => {
      secure.once('secure', resolve)
      secure.once('close', () => reject(gone))
    })
  }

  private secured(): boolean {
    return this.wire.socket instanceof TLSSocket
  }

  private async logIn(line: string): Promise<void> {
    const given = /plain/i.test(line) ? await this.plain(line) : await this.userAndPassword()
    const right = given === this.state.options.login
    if (await this.answer('auth', right ? '235 2.7.0 welcome' : '535 5.7.8 wrong user or password'))
      this.user = given.split(':')[0]
  }

  private async plain(line: string): Promise<string> {
    const [, , first] = line.split(' ')
    const word = first ?? (await this.ask(''))
    return Buffer.from(word, 'base64').toString().split('\0').slice(1).join(':')
  }

  private async userAndPassword(): Promise<string> {
    const user = await this.ask('Username:')
    return [user, await this.ask('Password:')].map((word) => Buffer.from(word, 'base64').toString()).join(':')
  }

  private async ask(what: string): Promise<string> {
    await this.write(`334 ${Buffer.from(what).toString('base64')}\r\n`)
    return (await this.wire.line()) ?? ''
  }

  private async sender(line: string): Promise<void> {
    const { login, size } = this.state.options
    const declared = Number(/\bSIZE=(\d+)/i.exec(line)?.[1] ?? 0)
    if (!this.greeted || this.from !== undefined) return await this.write('503 5.5.1 commands out of step\r\n')
    if (login !== undefined && this.user === undefined) return await this.write('530 5.7.0 log in first\r\n')
    if (size !== undefined && declared > size) return await this.write('552 5.3.4 message too big\r\n')
    const from = addressIn(line)
    const { one, behaviour } = this.state.nextMessage()
    this.begun = one
    this.message = behaviour
    this.paused = false
    this.asked = 0
    this.to = []
    this.refused = []
    if (await this.answer('mail', '250 2.1.0 sender ok')) this.from = from
  }

  private async recipient(line: string): Promise<void> {
    if (this.from === undefined) return await this.write('503 5.5.1 commands out of step\r\n')
    const address = addressIn(line)
    this.asked += 1
    if (this.asked === 1 && this.begun) this.message = this.state.messageTo(this.begun, address) ?? this.message
    const ok = await this.answer('rcpt', '250 2.1.5 recipient ok', this.asked, address)
    if (ok) this.to.push(address)
    else this.refused.push(address)
  }

  private async data(): Promise<void> {
    if (this.from === undefined) return await this.write('503 5.5.1 commands out of step\r\n')
    if (this.to.length === 0) return await this.write('554 5.5.1 no valid recipients\r\n')
    if (!(await this.answer('data', '354 go ahead'))) {
      this.from = undefined
      return
    }
    const body = await this.wire.body((count) => this.duringBody(count))
    if (body === undefined) return await this.cut('drop')
    await this.dot(this.from, body)
    this.from = undefined
  }

  private async duringBody(count: number): Promise<void> {
    for (const deed of deedsAt(this.message, 'body')) {
      if (deed.do === 'delay' && !this.paused) {
        this.paused = true
        this.wire.socket.pause()
        await pause(deed.ms)
        this.wire.socket.resume()
      } else if ('after' in deed && count >= deed.after) await this.cut(deed.do)
    }
  }

  private async dot(from: string, body: Buffer): Promise<void> {
    const deeds = deedsAt(this.message, 'dot')
    const lost = deeds.find((deed) => deed.do === 'lost')
    if (lost === undefined && deeds.some(refuses)) return void (await this.answer('dot', ''))
    const { size } = this.state.options
    if (size !== undefined && body.length > size) return await this.write('552 5.3.4 message too big\r\n')
    this.state.take({
      from,
      to: this.to,
      refused: this.refused,
      body,
      secured: this.secured(),
      user: this.user,
      behaviour: this.message.line,
      told: lost === undefined,
    })
    if (lost) await this.cut(lost.how)
    await this.answer('dot', `250 2.0.0 taken as ${this.state.taken.length}`)
    if (deeds.some((deed) => deed.do === 'then-drop')) await this.cut('drop')
  }

  private does(stage: Stage, what: Deed['do']): boolean {
    return deedsAt(this.connection, stage).some((deed) => deed.do === what)
  }

  /** The scripted answer, or `usual`; true when it was a yes. */
  private async answer(stage: Stage, usual: string, n = 1, address = ''): Promise<boolean> {
    let text = usual
    let slowMs: number | undefined
    for (const deed of deedsAt(ofConnection.has(stage) ? this.connection : this.message, stage, n)) {
      if (deed.do === 'delay') await pause(deed.ms)
      else if (deed.do === 'slow') slowMs = deed.ms
      else if ('after' in deed) await this.cut(deed.do)
      else if (deed.do === 'endless') await this.endless(deed.bytes)
      else if (deed.do === 'greylist') text = this.state.isGrey(address, deed.ms) ? '451 4.7.1 greylisted' : text
      else text = spoilt(deed, text)
    }
    await this.write(`${text}\r\n`, slowMs)
    if (text.startsWith('421')) await this.cut('close')
    return /^[23]/.test(text)
  }

  private async endless(bytes: number): Promise<never> {
    this.wire.socket.write('2'.repeat(bytes))
    return await this.cut('hang')
  }

  private async cut(how: 'drop' | 'close' | 'hang'): Promise<never> {
    if (how === 'drop') this.raw.resetAndDestroy()
    else if (how === 'close') this.wire.socket.end()
    if (how !== 'drop') await this.wire.ignore()
    this.raw.destroy()
    throw gone
  }

  private async write(text: string, slowMs?: number): Promise<void> {
    const { socket } = this.wire
    if (socket.destroyed) throw gone
    if (slowMs === undefined && !this.connection.split && !this.message.split) return void socket.write(text, 'latin1')
    for (const byte of Buffer.from(text, 'latin1')) {
      if (socket.destroyed) throw gone
      socket.write(Buffer.of(byte))
      await pause(slowMs ?? 1)
    }
  }
}

/** Whether a message is not taken on account of this. */
const refuses = (deed: Deed): boolean =>
  'after' in deed ||
  deed.do === 'junk' ||
  deed.do === 'wrong' ||
  deed.do === 'endless' ||
  (deed.do === 'answer' && !deed.text.startsWith('2'))

function spoilt(deed: Deed, text: string): string {
  if (deed.do === 'answer') return deed.text
  if (deed.do === 'junk') return junk.toString('latin1')
  if (deed.do === 'wrong') return '999 9.9.9 what is this'
  if (deed.do === 'double') return `${text}\r\n${text}`
  if (deed.do !== 'lines') return text
  const code = text.slice(0, 3)
  return Array.from({ length: deed.count }, (_, i) => `${code}-line ${i}\r\n`).join('') + text
}

const addressIn = (line: string): string => Buffer.from(/<(.*?)>/.exec(line)?.[1] ?? '', 'latin1').toString()
