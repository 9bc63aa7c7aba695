/**
 * How the misbehaving SMSC answers a bind.
 */
import { cstring, id, packPdu, tlv } from '../smsc.ts'
import { status } from './behaviour.ts'
import type { ChaosState } from './chaos-state.ts'
import type { Connection, Frame } from './connection.ts'
import { malformed } from './malformed.ts'

const response = 0x8000_0000

export function answerBind(state: ChaosState, connection: Connection, frame: Frame): void {
  const [systemId = '', password = ''] = frame.body.toString('latin1').split('\0')
  const refuse = (code: number): void => connection.write(packPdu(frame.id + response, code, frame.sequence))
  const refusal = connection.bound ? status.already : wrongName(state, systemId, password)
  const answer = refusal ?? state.nextBind()
  state.binds.push({ at: performance.now(), systemId, answer })
  if (typeof answer === 'number') return refuse(answer)
  if (answer === 'hang') return
  if (answer === 'drop') return connection.reset()
  if (answer === 'ok' || answer === 'dropAfter') {
    accept(state, connection, frame)
    return answer === 'ok' ? undefined : connection.reset()
  }
  if ('status' in answer) return refuse(answer.status)
  if ('delayMs' in answer) return state.later(answer.delayMs, () => accept(state, connection, frame))
  const spoilt = malformed(answer.malformed, frame.id + response, frame.sequence, 'CHAOS')
  connection.write(spoilt.bytes)
  if (spoilt.thenClose) connection.finish()
}

function wrongName({ settings }: ChaosState, systemId: string, password: string): number | undefined {
  if (settings.systemId !== undefined && settings.systemId !== systemId) return 0x0f
  return settings.password === undefined || settings.password === password ? undefined : status.wrongPassword
}

function accept(state: ChaosState, connection: Connection, frame: Frame): void {
  const version = tlv(0x0210, Buffer.from([0x34]))
  connection.write(packPdu(frame.id + response, 0, frame.sequence, Buffer.concat([cstring('CHAOS'), version])))
  connection.bound = true
  enquire(state, connection)
  state.receipts.flush()
}

function enquire(state: ChaosState, connection: Connection): void {
  const { enquireMs } = state.settings
  if (enquireMs === undefined) return
  state.later(enquireMs, () => {
    if (connection.socket.destroyed) return
    connection.request(id.enquire)
    enquire(state, connection)
  })
}
