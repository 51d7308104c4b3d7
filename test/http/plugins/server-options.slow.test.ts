import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answerClientError, serverOptions } from '../../../src/http/app.ts'
import { limitsConfig } from '../../../src/http/config.ts'
import { sendRaw } from './raw-http.ts'

let app: FastifyInstance
let url: string

beforeEach(async () => {
  const { slowClients } = limitsConfig.parse({ slowClients: { headersTimeoutMs: 1_000, requestTimeoutMs: 1_500 } })
  const http = serverOptions(slowClients)
  app = Fastify({ http, requestTimeout: http.requestTimeout!, clientErrorHandler: answerClientError })
  app.post('/graphql', async () => 'here')
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(() => app.close())

const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

describe('a client that HTTP does not allow', () => {
  it('CLIENT-18: is answered 408 when its headers do not come', async () => {
    const answer = await sendRaw(url, head)
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('"code":"BAD_REQUEST"')
  })
  it('CLIENT-18: is answered 408 when its body does not come', async () => {
    expect(await sendRaw(url, `${head}content-length: 100\r\n\r\n{"query"`)).toMatch(/^HTTP\/1.1 408 /)
  })
  it.each([
    ['content-length with transfer-encoding', `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['transfer-encoding with content-length', `${head}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`],
    ['two content-lengths', `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['an unknown transfer-encoding before chunked', `${head}transfer-encoding: chunked, x\r\n\r\n0\r\n\r\n`],
    ['a blank before a header’s colon', `${head}content-length : 2\r\n\r\n{}`],
    ['a line break without carriage return in a header', `${head}x: a\nb: c\r\n\r\n`],
  ])('CLIENT-20: is answered 400 for %s', async (_what, bytes) => {
    expect(await sendRaw(url, bytes)).toMatch(/^HTTP\/1.1 400 /)
  })
  it('is answered 431 for headers larger than allowed', async () => {
    expect(await sendRaw(url, `${head}x: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  })
  it.each([
    ['nothing that is HTTP', '\u0000\u0001\u0002 what is this\r\n\r\n'],
    ['a TLS hello', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n'],
    ['no host', 'POST /graphql HTTP/1.1\r\ncontent-length: 0\r\n\r\n'],
  ])('CLIENT-21: is answered 400 for %s, without a word about the server', async (_what, bytes) => {
    const answer = await sendRaw(url, bytes)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer).not.toMatch(/node|fastify|stack|\/work|HPE_/i)
  })
  it('does not keep others from being answered', async () => {
    await Promise.all([sendRaw(url, '\u0000\r\n\r\n'), sendRaw(url, head)])
    expect((await fetch(`${url}/graphql`, { method: 'POST' })).status).toBe(200)
  })
})
