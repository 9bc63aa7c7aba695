/**
 * Mail server and SMS gateway in a process of their own: they live on while the daemon is killed.
 *
 * Started with fork(); `node neighbours.ts SEED`. Obeys ToNeighbours, answers FromNeighbours.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { seeded } from '../crash/seeded.ts'
import { deliverBody, id, type Peer, receiptText, type Smsc, startSmsc, type Submitted } from '../neighbours/smsc.ts'
import { startMailServer } from './mail-server.ts'
import { fair, type FromNeighbours, type ToNeighbours, type Weather } from './weather.ts'

const chance = seeded(Number(process.argv[2] ?? '0'))
let weather: Weather = fair
const taken: string[] = []
const tell = (message: FromNeighbours): void => void process.send?.(message)

const mail = await startMailServer(() => weather.smtp, chance.fork('smtp'))
const smsc: Smsc = await startSmsc({ onSubmit: (submitted, peer) => take(submitted, peer) })
const smpp = chance.fork('smpp')

async function take(submitted: Submitted, peer: Peer): Promise<{ status?: number; messageId?: string } | 'none'> {
  const { throttled, failed, brokenBefore, brokenAfter, slowMs } = weather.smpp
  if (smpp.percent(throttled)) return { status: 0x58 }
  if (smpp.percent(failed)) return { status: 0x08 }
  if (smpp.percent(brokenBefore)) return cut(peer)
  taken.push(submitted.destination)
  const messageId = `g${taken.length}`
  if (submitted.registeredDelivery !== 0) void sendReceipt(messageId, submitted)
  if (smpp.percent(brokenAfter)) return cut(peer)
  await pause(smpp.below(slowMs + 1))
  return { messageId }
}

function cut(peer: Peer): 'none' {
  peer.socket.resetAndDestroy()
  return 'none'
}

/** Until it is answered well, also over a later connection, as gateways do. */
async function sendReceipt(messageId: string, { source, destination }: Submitted): Promise<void> {
  const body = deliverBody({ source: destination, destination: source, text: receiptText(messageId, 'DELIVRD') })
  for (let attempt = 0; attempt < 1_000; attempt++) {
    await pause(attempt === 0 ? 50 : 500)
    const peer = smsc.peers.findLast(({ socket }) => !socket.destroyed)
    const status = await Promise.race([peer?.ask(id.deliver, body).catch(() => -1) ?? -1, pause(2_000, -1)])
    if (status === 0) return
  }
}

process.on('message', (message: ToNeighbours) => {
  if (message.kind === 'weather') weather = message.weather
  else if (message.kind === 'report') tell({ kind: 'received', received: { mails: mail.mails, sms: taken } })
  else {
    mail.close()
    void smsc.stop().then(() => process.disconnect())
  }
})
process.on('disconnect', () => process.exit())
tell({ kind: 'ready', smtp: mail.port, smpp: smsc.port })
