/**
 * A mail server on loopback that works in any weather: it takes thousands of mails, and fails as often as it is told.
 *
 * A mail counts as received when its final dot has come and no answer said otherwise, whether or not the
 * answer reaches the sender.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Seeded } from '../crash/seeded.ts'
import type { Received, Weather } from './weather.ts'

export interface MailServer {
  readonly port: number
  readonly mails: Received['mails'][number][]
  close(): void
}

export async function startMailServer(weather: () => Weather['smtp'], chance: Seeded): Promise<MailServer> {
  const mails: Received['mails'][number][] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (chance.percent(weather().dropped)) return void socket.resetAndDestroy()
    new Session(socket, weather, chance, mails).start()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port, mails, close }
}

class Session {
  readonly #socket: Socket
  readonly #weather: () => Weather['smtp']
  readonly #chance: Seeded
  readonly #mails: Received['mails'][number][]
  #text = ''
  #to: string[] = []
  #inText = false
  #working = false

  constructor(socket: Socket, weather: () => Weather['smtp'], chance: Seeded, mails: Received['mails'][number][]) {
    this.#socket = socket
    this.#weather = weather
    this.#chance = chance
    this.#mails = mails
  }

  start(): void {
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
      void this.#work()
    })
    this.#say('220 ready')
  }

  /** One command after the other, also when they come in one piece. */
  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    while (!this.#socket.destroyed && (await this.#next())) continue
    this.#working = false
  }

  async #next(): Promise<boolean> {
    const end = this.#inText ? '\r\n.\r\n' : '\r\n'
    const at = this.#text.indexOf(end)
    if (at < 0) return false
    const piece = this.#text.slice(0, at)
    this.#text = this.#text.slice(at + end.length)
    if (this.#inText) await this.#mail(piece)
    else await this.#command(piece)
    return true
  }

  async #command(line: string): Promise<void> {
    const weather = this.#weather()
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO') this.#say('250-here\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8')
    else if (verb === 'MAIL') {
      this.#to = []
      if (!this.#chance.percent(weather.tooFast)) return this.#say('250 2.1.0 ok')
      this.#say('421 4.7.0 too many messages')
      this.#socket.end()
    } else if (verb === 'RCPT') {
      if (this.#chance.percent(weather.later)) return this.#say('451 4.3.0 come again')
      this.#to.push(/<(.*?)>/.exec(line)?.[1] ?? '')
      this.#say('250 2.1.5 ok')
    } else if (verb === 'DATA') {
      if (this.#to.length === 0) return this.#say('503 5.5.1 no recipients')
      this.#inText = true
      this.#say('354 go on')
    } else if (verb === 'QUIT') this.#socket.end('221 bye\r\n')
    else this.#say('250 2.0.0 ok')
  }

  async #mail(data: string): Promise<void> {
    this.#inText = false
    const weather = this.#weather()
    if (this.#chance.percent(weather.brokenBefore)) return void this.#socket.resetAndDestroy()
    if (this.#chance.percent(weather.laterAfterText)) return this.#say('452 4.3.1 no room')
    const id = /^Message-ID:\s*<([^@>]*)/im.exec(data.slice(0, data.indexOf('\r\n\r\n')))?.[1] ?? ''
    this.#mails.push([id, this.#to.join(' ')])
    if (this.#chance.percent(weather.brokenAfter)) return void this.#socket.resetAndDestroy()
    await pause(this.#chance.below(weather.slowMs + 1))
    this.#say('250 2.0.0 taken')
  }

  #say(text: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${text}\r\n`)
  }
}
