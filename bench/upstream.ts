import { createServer, type ServerResponse } from 'node:http'
import { ticketCount, ticketId, wireTicket } from './lib/tickets.ts'

// The simulated OneView: bodies are serialised once, calls are counted. Environment: PORT, LATENCY_MS.
// GET /calls returns the count.

const latencyMs = Number(process.env.LATENCY_MS ?? 0)
const bodies = new Map<string, Buffer>()
const all = Array.from({ length: ticketCount }, (_, index) => wireTicket(index))
for (let index = 0; index < all.length; index++) {
  bodies.set(`/ticket-detail/v1/tickets/${ticketId(index)}`, Buffer.from(JSON.stringify(all[index])))
}

let calls = 0

function bodyOf(url: string): Buffer {
  const known = bodies.get(url)
  if (known) return known
  const { pathname, searchParams } = new URL(url, 'http://upstream')
  const page = Number(searchParams.get('page'))
  const pageSize = Number(searchParams.get('pageSize'))
  if (pathname !== '/ticket-detail/v1/tickets' || !(page >= 1) || !(pageSize >= 1 && pageSize <= 100)) return notFound
  const list = all.slice((page - 1) * pageSize, page * pageSize)
  const body = Buffer.from(JSON.stringify({ list, page, pageSize }))
  bodies.set(url, body)
  return body
}

const notFound = Buffer.from(JSON.stringify({ errors: [{ status: '404', title: 'Not Found' }] }))

function answer(response: ServerResponse, body: Buffer): void {
  response.writeHead(body === notFound ? 404 : 200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}

const server = createServer((request, response) => {
  const url = request.url ?? ''
  if (url === '/calls') {
    response.end(String(calls))
    return
  }
  calls += 1
  const body = bodyOf(url)
  if (latencyMs === 0) answer(response, body)
  else setTimeout(answer, latencyMs, response, body)
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
