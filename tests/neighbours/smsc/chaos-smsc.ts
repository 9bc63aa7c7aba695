/**
 * An SMSC on 127.0.0.1 that misbehaves as told: message by message (by destination number), and bind by bind.
 *
 * A real TCP server that packs and reads PDUs by hand. It records what it took and how often, each receipt and
 * its answer. Unless told otherwise it takes each message, answers well and sends one DELIVRD. Close it with stop().
 */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { id, packPdu } from '../smsc.ts'
import { answerBind } from './answer-bind.ts'
import { answerSubmission } from './answer-submission.ts'
import { makeState } from './chaos-state.ts'
import type { Chaos, ChaosOptions, ChaosState } from './chaos-state.ts'
import { Connection, readFrames } from './connection.ts'
import type { Frame } from './connection.ts'

const response = 0x8000_0000

export async function startChaosSmsc(options: ChaosOptions = {}): Promise<Chaos> {
  const stop = new AbortController()
  const sockets = new Set<Connection>()
  const server = createServer((socket) => serve(state, sockets, socket))
  const state = makeState(options, stop, sockets)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  return Object.assign(state, {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      stop.abort()
      for (const { socket } of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

function serve(state: ChaosState, sockets: Set<Connection>, socket: Socket): void {
  state.connections.push(performance.now())
  const connection = new Connection(state.connections.length, socket, (chunk) => state.wire.push(chunk))
  sockets.add(connection)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    sockets.delete(connection)
    for (const tell of connection.unanswered.values()) tell('gone')
    connection.unanswered.clear()
  })
  socket.on('data', (bytes: Buffer) => state.wire.push({ connection: connection.number, from: 'client', bytes }))
  readFrames(
    socket,
    (frame) => handle(state, connection, frame),
    (length) => {
      state.badFrames.push(`length ${length}`)
      socket.destroy()
    },
  )
}

function handle(state: ChaosState, connection: Connection, frame: Frame): void {
  try {
    if (frame.id >= response) return answered(state, connection, frame)
    request(state, connection, frame)
  } catch (error) {
    state.badFrames.push(String(error))
  }
}

function answered(state: ChaosState, connection: Connection, { id: command, status, sequence }: Frame): void {
  if (command === id.nack) return void state.nacks.push(status)
  if (command === id.enquire + response) state.enquiries.answered += 1
  if (command !== id.deliver + response) return
  const tell = connection.unanswered.get(sequence)
  connection.unanswered.delete(sequence)
  tell?.(status)
}

function request(state: ChaosState, connection: Connection, frame: Frame): void {
  const answer = (status: number): void => connection.write(packPdu(frame.id + response, status, frame.sequence))
  switch (frame.id) {
    case id.submit:
      return answerSubmission(state, connection, frame)
    case id.enquire:
      state.enquiries.came += 1
      return state.settings.muteEnquire ? undefined : answer(0)
    case id.unbind:
      answer(0)
      return connection.finish()
    case id.bindReceiver:
    case id.bindTransmitter:
    case id.bindTransceiver:
      return answerBind(state, connection, frame)
    default:
      return connection.write(packPdu(id.nack, 0x03, frame.sequence))
  }
}
