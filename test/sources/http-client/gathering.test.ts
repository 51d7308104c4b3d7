import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { defaultUpstreamLimits } from '../../../src/sources/http-client/options.ts'
import { read, upstreamFor } from './kit.ts'

/** Answers every request that it finds in what comes in one piece, and notes how many that were. */
async function startCounting() {
  const piecesOf: number[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (piece) => {
      const requests = piece.toString('latin1').split('\r\n\r\n').length - 1
      piecesOf.push(requests)
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'.repeat(requests))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, piecesOf }
}

it('sends the reads of one turn over one connection in one piece', async () => {
  const { url, piecesOf } = await startCounting()
  const upstream = upstreamFor(url, { limits: { ...defaultUpstreamLimits, connections: 1, pipelining: 8 } })
  await read(upstream, '/warm')
  const together = vi.spyOn(Socket.prototype, '_writev')
  onTestFinished(() => together.mockRestore())
  await Promise.all(Array.from({ length: 8 }, (_, index) => read(upstream, `/thing/${index}`)))
  expect(piecesOf).toEqual([1, 8])
  // What was written apart could still have arrived together.
  expect(together.mock.calls.map(([chunks]) => chunks.length)).toEqual([8])
})

it('does not hold a single read back', async () => {
  const { url, piecesOf } = await startCounting()
  const upstream = upstreamFor(url, { limits: { ...defaultUpstreamLimits, connections: 1, pipelining: 8 } })
  for (let index = 0; index < 3; index++) await read(upstream, `/thing/${index}`)
  expect(piecesOf).toEqual([1, 1, 1])
})
