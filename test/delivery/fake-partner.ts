import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface ReceivedDelivery {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** Answers a delivery; `n` counts from 0. */
export type Answer = (response: ServerResponse, n: number, delivery: ReceivedDelivery) => void

export const ok: Answer = (response) => void response.writeHead(204).end()
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end()

/** A partner's endpoint: a real HTTP server on loopback that records every request. */
export async function startPartner(answer: Answer = ok) {
  const received: ReceivedDelivery[] = []
  const waiting: (() => void)[] = []
  let answerNow = answer
  let open = 0
  let mostOpen = 0
  const server = createServer((request, response) => {
    open += 1
    mostOpen = Math.max(mostOpen, open)
    response.once('close', () => (open -= 1))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const delivery = {
        at: Date.now(),
        method: request.method ?? '',
        path: request.url ?? '',
        headers: flat(request.headers),
        body: Buffer.concat(chunks).toString('utf8'),
      }
      received.push(delivery)
      answerNow(response, received.length - 1, delivery)
      for (const resolve of waiting.splice(0)) resolve()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    mostOpen: () => mostOpen,
    answer: (next: Answer) => {
      answerNow = next
    },
    /** Resolves when that many deliveries have arrived. */
    async receives(count: number): Promise<void> {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((done) => server.close(() => done()))
    },
  }
}
export type FakePartner = Awaited<ReturnType<typeof startPartner>>

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
