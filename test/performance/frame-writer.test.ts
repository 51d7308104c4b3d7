import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { createFrameWriter, type FrameWriter } from '../../src/performance/written-frames.ts'

interface ConnectedPair {
  readonly writer: FrameWriter
  readonly socket: WebSocket
  /** The server's side of the connection. */
  readonly stream: Socket
  readonly client: Socket
}

const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

/** A WebSocket between a real server and a bare TCP client, which reads only when it is told to. */
async function connectPair(slowClientMs: number): Promise<ConnectedPair> {
  const app = fastify()
  apps.push(app)
  await app.register(fastifyWebsocket)
  const { promise, resolve } = Promise.withResolvers<Omit<ConnectedPair, 'client'>>()
  app.get('/', { websocket: true }, (socket, { raw }) => {
    resolve({ writer: createFrameWriter(socket, raw.socket, slowClientMs), socket, stream: raw.socket })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' })
  client.write(
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: a2V5a2V5a2V5a2V5a2V5aw==\r\n\r\n',
  )
  const pair = await promise
  await once(client, 'data')
  return { ...pair, client }
}

test('messages of one turn leave in order and in one write', async () => {
  const { writer, client } = await connectPair(10_000)
  const arrived = once(client, 'data')
  for (const text of ['one', 'two', 'three']) expect(writer.send(text)).toBeUndefined()
  const [data] = (await arrived) as [Buffer]
  // A frame's head is two bytes here: text, and its length.
  expect(data.toString('latin1')).toBe('\x81\x03one\x81\x03two\x81\x05three')
  client.destroy()
})

test('whole frames go out as they are, in order with other messages', async () => {
  const { writer, client } = await connectPair(10_000)
  const arrived = once(client, 'data')
  writer.send('one')
  expect(writer.sendFrames(Buffer.from('\x81\x03two\x81\x05three', 'latin1'))).toBeUndefined()
  writer.send('four')
  const [data] = (await arrived) as [Buffer]
  expect(data.toString('latin1')).toBe('\x81\x03one\x81\x03two\x81\x05three\x81\x04four')
  client.destroy()
})

test('frames count towards the limit, and none are sent after the connection was closed', async () => {
  const { writer, socket, client } = await connectPair(10_000)
  let received = 0
  client.on('data', (data: Buffer) => {
    received += data.length
  })
  client.pause()
  const sends = Array.from({ length: 200 }, () => writer.sendFrames(Buffer.alloc(60_000)))
  expect(sends.at(-1)).toBeInstanceOf(Promise)
  client.resume()
  await sends.at(-1)
  socket.close()
  expect(writer.sendFrames(Buffer.alloc(60_000))).toBeUndefined()
  for (const until = Date.now() + 5_000; received < 200 * 60_000 && Date.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 50))
  // All that was sent before, and the frame that says goodbye.
  expect(received - 200 * 60_000).toBeLessThan(10)
  client.destroy()
})

test('a writer waits while more than the limit waits for the client', async () => {
  const { writer, client } = await connectPair(10_000)
  client.pause()
  const text = 'x'.repeat(60_000)
  const sends = Array.from({ length: 200 }, () => writer.send(text))
  expect(sends[0]).toBeUndefined()
  const full = sends.at(-1)
  expect(full).toBeInstanceOf(Promise)
  const early = await Promise.race([full, new Promise((resolve) => setTimeout(resolve, 100, 'waits'))])
  expect(early).toBe('waits')
  client.resume()
  await full
  expect(writer.send('again')).toBeUndefined()
  client.destroy()
})

test('a client that reads nothing is disconnected, and no writer waits for it any more', async () => {
  const { writer, socket, client } = await connectPair(100)
  client.pause()
  const closed = once(socket, 'close')
  const sends = Array.from({ length: 200 }, () => writer.send('x'.repeat(60_000)))
  await closed
  await sends.at(-1)
  expect(writer.send('too late')).toBeUndefined()
  client.destroy()
})

test('a client that reads everything stays connected, also while nothing is sent', async () => {
  const { writer, socket, client } = await connectPair(50)
  client.resume()
  writer.send('one')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(socket.readyState).toBe(socket.OPEN)
  client.destroy()
})
