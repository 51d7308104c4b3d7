import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createSendAttempt } from '../../src/delivery/send-attempt.ts'
import { createSsrfGuard } from '../../src/delivery/ssrf-guard.ts'

test('an attempt counts when the status came, although the rest of the answer never ended', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('HTTP/1.1 202 OK\r\ncontent-length: 100\r\n\r\nabc'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const attempt = createSendAttempt({ timeoutMs: 1_500, clock: Date.now })
  const endpoint = { url, secrets: ['s3cret'], guard: createSsrfGuard(['127.0.0.1/32']) }
  const outcome = await attempt(endpoint, 'msg_1', '{}', new AbortController().signal)
  expect(outcome).toMatchObject({ delivered: true, status: 202 })
  server.close()
})
