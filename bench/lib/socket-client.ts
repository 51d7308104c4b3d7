import { connect, type Socket } from 'node:net'

const endOfHead = '\r\n\r\n'
const opcodes = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const
// Everything is taken out of it before the next piece comes: one is enough for all connections.
const shared = Buffer.allocUnsafe(256 * 1024)

/**
 * One WebSocket (graphql-transport-ws) that does nothing but find the ends of messages, so that a thousand of them cost little
 * beside the server that they measure.
 */
export class SubscriberSocket {
  private readonly socket: Socket
  private readonly take: (message: Buffer) => void
  private upgraded = false
  /** What came of a head or a message that is not whole yet. */
  private rest: Buffer = Buffer.alloc(0)

  /** `take` gets every text message; its bytes are only there during the call. */
  constructor(port: number, take: (message: Buffer) => void, onClosed: () => void) {
    this.take = take
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: shared, callback: (size) => this.read(shared.subarray(0, size)) },
    })
    this.socket.on('error', onClosed)
    this.socket.on('close', onClosed)
    this.socket.write(
      `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16, 'k').toString('base64')}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
    )
  }

  send(message: object): void {
    this.socket.write(frame(opcodes.text, Buffer.from(JSON.stringify(message))))
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.destroy()
  }

  private read(data: Buffer): boolean {
    let bytes = this.rest.length === 0 ? data : Buffer.concat([this.rest, data])
    if (!this.upgraded) {
      const end = bytes.indexOf(endOfHead)
      if (end >= 0) {
        if (!bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) throw new Error(bytes.toString('latin1', 0, end))
        this.upgraded = true
        bytes = bytes.subarray(end + endOfHead.length)
      }
    }
    const taken = this.upgraded ? this.readFrames(bytes) : 0
    this.rest = taken === bytes.length ? none : Buffer.from(bytes.subarray(taken))
    return true
  }

  /** How many bytes belonged to whole frames. A server does not mask its frames. */
  private readFrames(bytes: Buffer): number {
    let at = 0
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1]! & 0x7f
      const head = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length - at < head) break
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      const end = at + head + length
      if (bytes.length < end) break
      const payload = bytes.subarray(at + head, end)
      const opcode = bytes[at]! & 0xf
      if (opcode === opcodes.text) this.take(payload)
      else if (opcode === opcodes.ping) this.socket.write(frame(opcodes.pong, payload))
      at = end
    }
    return at
  }
}

const none = Buffer.alloc(0)

/** A client has to mask: with zeros, which leave the bytes as they are. */
function frame(opcode: number, payload: Buffer): Buffer {
  const isShort = payload.length < 126
  const head = Buffer.alloc(isShort ? 6 : 8)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | (isShort ? payload.length : 126)
  if (!isShort) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}
