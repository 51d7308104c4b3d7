import type { Socket } from 'node:net'
import type { WebSocket } from '@fastify/websocket'

/** Writes to one WebSocket. */
export interface SocketOutbox {
  /** A promise where too much waits for the client already: it resolves when that has been taken. */
  send(text: string): Promise<void> | undefined
  /** The same with whole frames, as bytes that may go to others too. */
  sendFrames(frames: Buffer): Promise<void> | undefined
}

/** Characters that may wait for a client before whoever writes has to wait for it. */
const mostWaiting = 65_536

/**
 * Gathers the messages of one turn of the event loop into one write, because a system call costs more than all of a message's
 * making, and bounds what waits for the client. One that has taken nothing of it for `slowClientMs` is cut off.
 */
export function createSocketOutbox(socket: WebSocket, stream: Socket, slowClientMs: number): SocketOutbox {
  let waiting = 0
  let gathering = false
  let taken: PromiseWithResolvers<void> | null = null
  const watch = setTimeout(() => {
    if (waiting > 0) socket.terminate()
  }, slowClientMs).unref()
  socket.once('close', () => {
    clearTimeout(watch)
    settle()
  })

  const settle = (): void => {
    taken?.resolve()
    taken = null
  }
  const flush = (): void => {
    gathering = false
    stream.uncork()
  }
  const gather = (): void => {
    gathering = true
    stream.cork()
    setImmediate(flush)
  }
  const post = (length: number, write: (written: () => void) => void): Promise<void> | undefined => {
    if (socket.readyState !== socket.OPEN) return undefined
    if (!gathering) gather()
    if (waiting === 0) watch.refresh()
    waiting += length
    write(() => {
      waiting -= length
      if (waiting > 0) watch.refresh()
      if (waiting < mostWaiting) settle()
    })
    if (waiting < mostWaiting) return undefined
    taken ??= Promise.withResolvers()
    return taken.promise
  }
  return {
    send: (text) => post(text.length, (written) => socket.send(text, written)),
    // Past the library, which would write each message's frame anew for each client. Nothing is compressed: it keeps none back itself.
    sendFrames: (frames) => post(frames.length, (written) => stream.write(frames, written)),
  }
}
