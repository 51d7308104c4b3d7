import { connect, type Socket } from 'node:net'

/** Where and how one answer ended. */
export interface Answered {
  readonly status: number
  /** The whole body; only collected where it was asked for. */
  readonly body: string
}

const endOfHead = Buffer.from('\r\n\r\n')
const endOfChunks = Buffer.from('0\r\n\r\n')

/**
 * One keep-alive connection that sends prepared bytes and finds the end of the answer: nothing more, so that the generator
 * costs little beside the servers that it measures.
 */
export class RawConnection {
  private readonly socket: Socket
  private head: Buffer = Buffer.alloc(0)
  private status = 0
  /** Bytes of the body still to come; -1 while the head is read, -2 for chunks. */
  private left = -1
  private tail: Buffer = Buffer.alloc(0)
  private chunks: Buffer[] = []
  private collect = false
  private done: ((answered: Answered) => void) | null = null
  private failed: ((error: Error) => void) | null = null
  /** Resolves once the server took the connection; rejects when it did not. */
  readonly connected: Promise<void>

  constructor(port: number) {
    const buffer = Buffer.allocUnsafe(64 * 1024)
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback: (size) => this.take(buffer.subarray(0, size)) },
    })
    this.connected = new Promise((resolve, reject) => this.socket.once('connect', resolve).once('error', reject))
    this.connected.catch(() => {})
    this.socket.on('error', (error) => this.fail(error))
    this.socket.on('close', () => this.fail(new Error('The server closed the connection.')))
  }

  /** False once the server has hung up, as servers do with connections that nobody uses. */
  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable
  }

  send(bytes: Buffer, collect = false): Promise<Answered> {
    this.collect = collect
    return new Promise((resolve, reject) => {
      this.done = resolve
      this.failed = reject
      this.socket.write(bytes)
    })
  }

  /** Waits no longer for the answer: `send` rejects, and the connection is closed. */
  abandon(): void {
    this.socket.destroy(new Error('No answer came in time.'))
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.destroy()
  }

  private fail(error: Error): void {
    this.failed?.(error)
    this.failed = null
    this.done = null
  }

  private take(data: Buffer): boolean {
    let body = data
    if (this.left === -1) {
      const known = this.head.length === 0 ? data : Buffer.concat([this.head, data])
      const end = known.indexOf(endOfHead)
      if (end < 0) {
        this.head = Buffer.from(known)
        return true
      }
      this.readHead(known.toString('latin1', 0, end))
      this.head = Buffer.alloc(0)
      body = known.subarray(end + 4)
    }
    this.readBody(body)
    return true
  }

  private readHead(head: string): void {
    this.status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    this.left = length ? Number(length[1]) : -2
    this.tail = Buffer.alloc(0)
    this.chunks = []
  }

  private readBody(body: Buffer): void {
    if (this.collect) this.chunks.push(Buffer.from(body))
    if (this.left >= 0) {
      this.left -= body.length
      if (this.left <= 0) this.finish(false)
      return
    }
    this.tail = Buffer.concat([this.tail, body]).subarray(-endOfChunks.length)
    if (this.tail.equals(endOfChunks)) this.finish(true)
  }

  private finish(chunked: boolean): void {
    this.left = -1
    const done = this.done
    this.done = null
    const bytes = Buffer.concat(this.chunks)
    done?.({ status: this.status, body: this.collect ? (chunked ? unchunk(bytes) : bytes.toString()) : '' })
  }
}

/** A connection that may still be used; those that the server closed meanwhile are dropped. */
export function takeOpen(idle: RawConnection[]): RawConnection | undefined {
  let connection = idle.pop()
  while (connection && !connection.isOpen) connection = idle.pop()
  return connection
}

function unchunk(bytes: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(size > 0)) break
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(parts).toString()
}

export function prepareRequest(path: string, headers: Readonly<Record<string, string>>, body: string, method = 'POST'): Buffer {
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  })
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
}
