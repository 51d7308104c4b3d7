import type { Socket } from 'node:net'
import type { WebSocket } from '@fastify/websocket'
import type { PullStream } from '../domain/pull-stream.ts'
import { subscribeToTexts } from '../graphql/subscribe.ts'
import type { LiveDeps } from '../http/live-session.ts'
import type { LiveArgs, SocketConnection, SocketOptions, SocketTransport, SocketWriter } from '../http/websocket.ts'

/**
 * Writes the frames of subscriptions past graphql-ws and ws. A payload that many subscribers get becomes a frame once, and the messages
 * of one turn of the event loop leave in one system call for each connection.
 */
export function createWrittenFrames(): SocketTransport {
  const frames = createFrameCache()
  return {
    createWriter: (socket, request, slowClientMs) => createFrameWriter(socket, request.socket, slowClientMs),
    options: (deps) => toOptions(deps, frames),
  }
}

/** A writer that also takes finished frames. */
export interface FrameWriter extends SocketWriter {
  /** Resolves when the client can take more. undefined: it can take more at once. */
  sendFrames(frames: Buffer): Promise<void> | undefined
}

function toOptions(deps: LiveDeps, frames: FrameCache): Partial<SocketOptions> {
  return {
    subscribe: async (args) => {
      const { plan, contextValue: context } = args as LiveArgs
      return (await subscribeToTexts(deps.graph, { ...plan, context })) as never
    },
    onOperation({ extra }, id, _payload, args, result) {
      if (!(Symbol.asyncIterator in (result as object))) return
      const send = (payloads: readonly string[]) => writerOf(extra).sendFrames(frames.of(id, payloads))
      return sendAll(result as unknown as PullStream<readonly string[]>, send, (args as LiveArgs).stop) as never
    },
  }
}

function writerOf({ writer }: SocketConnection): FrameWriter {
  return writer as FrameWriter
}

/** Bounds what waits for a slow client. */
const maxPayloadsPerWrite = 16

/**
 * Sends the payloads itself. To graphql-ws it is a stream without events, which the library completes at its end and returns from when
 * the client leaves.
 */
function sendAll(
  payloads: PullStream<readonly string[]>,
  send: (payloads: readonly string[]) => Promise<void> | undefined,
  stop: () => void,
): AsyncIterableIterator<never> {
  const ended = { done: true, value: undefined } as const
  return {
    async next() {
      try {
        do {
          for (let some = payloads.poll(); some; some = payloads.poll()) {
            for (let at = 0; at < some.length; at += maxPayloadsPerWrite) {
              const full = send(some.slice(at, at + maxPayloadsPerWrite))
              if (full) await full
            }
          }
        } while (await payloads.ready())
        return ended
      } finally {
        payloads.cancel()
      }
    },
    async return() {
      stop()
      return ended
    },
    async throw(error) {
      stop()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** Frames with payloads, as bytes that go to several clients. */
export interface FrameCache {
  /** A text frame with a `next` message of graphql-transport-ws for each of the payloads (JSON text), in their order. */
  of(id: string, payloads: readonly string[]): Buffer
}

/** The frames of some payloads, and the frames that begin with them. */
interface Branch {
  readonly frames: Buffer
  readonly longer: Map<string, Branch>
}

/**
 * Most subscribers get the same payloads in one turn of the event loop, and most clients number their operations alike: their frames are
 * written once. The cache is empty again in the next turn.
 */
export function createFrameCache(): FrameCache {
  let byId = new Map<string, Branch>()

  const clear = (): void => {
    byId = new Map()
  }
  const begin = (id: string): Branch => {
    if (byId.size === 0) setImmediate(clear)
    const branch = { frames: Buffer.alloc(0), longer: new Map() }
    byId.set(id, branch)
    return branch
  }

  return {
    of(id, payloads) {
      let branch = byId.get(id) ?? begin(id)
      for (const payload of payloads) {
        let longer = branch.longer.get(payload)
        if (!longer) {
          longer = { frames: Buffer.concat([branch.frames, nextFrame(id, payload)]), longer: new Map() }
          branch.longer.set(payload, longer)
        }
        branch = longer
      }
      return branch.frames
    },
  }
}

function nextFrame(id: string, payload: string): Buffer {
  const message = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`)
  return Buffer.concat([textHeader(message.length), message])
}

/** FIN and the opcode of text. */
const finalText = 0x81

/** The header of an unmasked text frame (RFC 6455, 5.2). */
function textHeader(length: number): Buffer {
  if (length < 126) return Buffer.of(finalText, length)
  if (length < 2 ** 16) return Buffer.of(finalText, 126, length >> 8, length & 0xff)
  const header = Buffer.alloc(10)
  header.writeUInt16BE((finalText << 8) | 127)
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

/** Characters that may wait for a client before the next write has to wait too. */
const highWaterMark = 65_536

/**
 * Gathers the messages of one turn of the event loop into one write and bounds what waits for the client. A client that reads nothing
 * for `slowClientMs` is disconnected.
 */
export function createFrameWriter(socket: WebSocket, stream: Socket, slowClientMs: number): FrameWriter {
  let waiting = 0
  let corked = false
  let drained: PromiseWithResolvers<void> | null = null
  const watch = setTimeout(() => {
    if (waiting > 0) socket.terminate()
  }, slowClientMs).unref()
  socket.once('close', () => {
    clearTimeout(watch)
    release()
  })

  const release = (): void => {
    drained?.resolve()
    drained = null
  }
  const uncork = (): void => {
    corked = false
    stream.uncork()
  }
  const cork = (): void => {
    corked = true
    stream.cork()
    setImmediate(uncork)
  }
  const post = (length: number, write: (written: () => void) => void): Promise<void> | undefined => {
    if (socket.readyState !== socket.OPEN) return undefined
    if (!corked) cork()
    if (waiting === 0) watch.refresh()
    waiting += length
    write(() => {
      waiting -= length
      if (waiting > 0) watch.refresh()
      if (waiting < highWaterMark) release()
    })
    if (waiting < highWaterMark) return undefined
    drained ??= Promise.withResolvers()
    return drained.promise
  }
  return {
    send: (text) => post(text.length, (written) => socket.send(text, written)),
    // Past ws, which would write each frame anew for each client. Without compression ws keeps no frame back that could be overtaken.
    sendFrames: (frames) => post(frames.length, (written) => stream.write(frames, written)),
  }
}
