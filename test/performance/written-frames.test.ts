import type { AddressInfo } from 'node:net'
import fastifyWebsocket from '@fastify/websocket'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { createFrameCache } from '../../src/performance/written-frames.ts'

/** What a real client makes of bytes that a server wrote. */
async function readByClient(bytes: Buffer, count: number): Promise<string[]> {
  const app = fastify()
  await app.register(fastifyWebsocket)
  app.get('/', { websocket: true }, (_socket, { raw }) => void raw.socket.write(bytes))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = new WebSocket(`ws://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  const messages: string[] = []
  const all = Promise.withResolvers<void>()
  client.onerror = () => all.reject(new Error('The client did not understand it.'))
  client.onmessage = ({ data }) => {
    expect(data).toBeTypeOf('string')
    if (messages.push(data) === count) all.resolve()
  }
  await all.promise
  client.close()
  await app.close()
  return messages
}

const nextOf = (id: string, payload: unknown) => JSON.stringify({ id, type: 'next', payload })
/** A body with which the whole message has so many bytes. */
const bodyFor = (id: string, bytes: number) => JSON.stringify('x'.repeat(bytes - nextOf(id, '').length))

test('payloads become messages that a client reads in order, at every length', async () => {
  const id = 'a"b'
  const bodies = ['{"n":1}', ...[125, 126, 127, 65_535, 65_536, 200_000].map((bytes) => bodyFor(id, bytes)), '"Édith ✓"']
  const read = await readByClient(createFrameCache().of(id, bodies), bodies.length)
  expect(read).toEqual(bodies.map((body) => nextOf(id, JSON.parse(body))))
  expect(read.slice(1, -1).map((message) => message.length)).toEqual([125, 126, 127, 65_535, 65_536, 200_000])
})

test('the same payloads for the same operation id are the same bytes, within one turn', async () => {
  const frames = createFrameCache()
  const [one, two] = ['{"n":1}', '{"n":2}']
  const both = frames.of('1', [one, two])
  expect(frames.of('1', [one, two])).toBe(both)
  expect(frames.of('2', [one, two])).not.toBe(both)
  expect(frames.of('1', [two, one])).not.toEqual(both)
  expect(frames.of('1', [one])).toEqual(both.subarray(0, both.length / 2))
  await new Promise((resolve) => setImmediate(resolve))
  expect(frames.of('1', [one, two])).not.toBe(both)
  expect(frames.of('1', [one, two])).toEqual(both)
})
