import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { noFailureLog } from '../../../src/domain/telemetry.ts'
import type { ReplyToTicket } from '../../../src/domain/writes.ts'
import { createErrorHandler } from '../../../src/http/error-response.ts'
import { uploadRoutes } from '../../../src/http/routes/uploads.ts'
import { createUploadService } from '../../../src/tickets/uploads.ts'
import { startFileDesk } from '../../support/file-desk.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemorySource, type MemorySource } from '../../support/memory-source.ts'
import { createMemoryUploads } from '../../support/memory-uploads.ts'

const uploadBytes = 300_000
let desk: Awaited<ReturnType<typeof startFileDesk>>
let graph: ReturnType<typeof createTestGraph>
let now = Date.UTC(2026, 0, 1)
let ticket: string
let keeper: MemorySource
const app = Fastify()
const config: { publicUrl?: string; uploadBytes: number } = { uploadBytes }

beforeAll(async () => {
  desk = await startFileDesk()
  ticket = desk.source.put('t1').id
  const { info } = desk.source
  const kept = { ...info, key: 'kept', capabilities: { ...info.capabilities, attachments: 'UPLOAD' as const } }
  keeper = createMemorySource(kept, { methods: { attachesFiles: true } })
  keeper.put('k1')
  const sources = [desk.source, createMemorySource('plain'), keeper]
  const uploads = createMemoryUploads()
  const service = createUploadService({ sources, store: uploads, config, clock: () => now })
  graph = createTestGraph({ sources, uploads, services: { uploads: service } })
  app.setErrorHandler(createErrorHandler(noFailureLog))
  await app.register(uploadRoutes, service)
  config.publicUrl = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await app.close()
  await desk.close()
})

const scopes = ['tickets:read', 'tickets:write', 'source:*']
const createDocument = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  upload { uploadId url expiresAt } userErrors { code field retryable } } }`

async function createUpload(input: object) {
  const { data, errors } = await graph.ask(createDocument, {
    scopes,
    variables: { input: { source: 'files', filename: 'photo.png', ...input } },
  })
  expect(errors).toBeUndefined()
  return data!.createUpload as {
    upload: { uploadId: string; url: string; expiresAt: string } | null
    userErrors: { code: string; field: string[] }[]
  }
}
const put = (url: string, body: Buffer) => fetch(url, { method: 'PUT', body: new Uint8Array(body) })

async function reply(uploadId: string, more: { scopes?: string[] } = {}) {
  const input = { id: ticket, body: 'See the photo.', visibility: 'PUBLIC', attachments: [{ filename: 'photo.png', uploadId }] }
  const query = `mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) { outcome userErrors { code field } } }`
  return (await graph.ask(query, { variables: { input }, scopes, ...more })).data!.replyToTicket
}

describe('UPLOAD-01 a file', () => {
  it('streams to the source as its viewer, and a reply names it', async () => {
    const body = randomBytes(200_000)
    const { upload, userErrors } = await createUpload({ size: body.length, contentType: 'image/png', ticket })
    expect(userErrors).toEqual([])
    expect(upload!.expiresAt).toBe('2026-01-01T00:05:00.000Z')
    expect(await reply(upload!.uploadId)).toEqual({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID', field: ['input', 'attachments', '0', 'uploadId'] }],
    })
    const answer = await put(upload!.url, body)
    expect(answer.status).toBe(204)
    const [[token, file]] = [...desk.files] as [[string, NonNullable<ReturnType<typeof desk.files.get>>]]
    expect({ ...file, body: file.body.equals(body) }).toEqual({
      filename: 'photo.png',
      contentType: 'image/png',
      agent: 'ann@example.com',
      body: true,
    })
    expect(await reply(upload!.uploadId)).toEqual({ outcome: 'APPLIED', userErrors: [] })
    const [method, , sent] = desk.source.calls.write.at(-1)!
    expect(method).toBe('replyToTicket')
    expect(sent).toMatchObject({ attachments: [{ filename: 'photo.png', uploadId: token, contentType: 'image/png' }] })
  })

  it('UPLOAD-04 is kept for a source that takes it only with a message', async () => {
    const body = randomBytes(250_000)
    const { upload } = await createUpload({ source: 'kept', filename: 'a.bin' })
    expect((await put(upload!.url, body.subarray(0, 10))).status).toBe(204)
    const again = await createUpload({ source: 'kept', filename: 'a.bin', size: body.length })
    expect((await put(again.upload!.url, body.subarray(0, 10))).status).toBe(400)
    expect((await put(again.upload!.url, body)).status).toBe(204)
    const { id } = keeper.tickets()[0]!
    const files = [upload, again.upload].map((one) => ({ filename: 'a.bin', uploadId: one!.uploadId }))
    const input = { id, body: 'See both.', visibility: 'PUBLIC', attachments: files }
    const query = `mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) { outcome userErrors { code field } } }`
    const { data } = await graph.ask(query, { variables: { input }, scopes })
    expect(data!.replyToTicket).toEqual({ outcome: 'APPLIED', userErrors: [] })
    const [, , sent] = keeper.calls.write.at(-1)! as [string, unknown, ReplyToTicket]
    expect(sent.attachments?.map(({ size }) => size)).toEqual([10, 250_000])
    const chunks: Uint8Array[] = []
    for await (const chunk of sent.attachments![1]!.open!()) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(body)).toBe(true)
  })

  it('begins at the source before the client has sent its end', async () => {
    const { upload } = await createUpload({})
    const arrived = new Promise<void>((resolve) => {
      desk.state.firstChunk = resolve
    })
    const outgoing = httpRequest(upload!.url, { method: 'PUT' })
    const answered = new Promise<number>((resolve) => outgoing.once('response', ({ statusCode }) => resolve(statusCode!)))
    outgoing.write(Buffer.alloc(70_000))
    await arrived
    outgoing.end(Buffer.alloc(5))
    expect(await answered).toBe(204)
    expect([...desk.files.values()].at(-1)!.body).toHaveLength(70_005)
  })

  it('is sent once, to an address that is secret and ends', async () => {
    const { upload } = await createUpload({})
    const wrong = `${upload!.url.slice(0, -1)}${upload!.url.endsWith('A') ? 'B' : 'A'}`
    expect((await put(wrong, Buffer.from('x'))).status).toBe(404)
    expect((await put(`${config.publicUrl}/uploads/nonsense`, Buffer.from('x'))).status).toBe(404)
    const both = await Promise.all([put(upload!.url, Buffer.from('x')), put(upload!.url, Buffer.from('x'))])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409])
    const late = await createUpload({})
    now += 5 * 60_000
    expect((await put(late.upload!.url, Buffer.from('x'))).status).toBe(404)
    expect((await fetch(late.upload!.url)).status).toBe(405)
  })

  it('that is too long, too short or broken off is not stored by the source, and may be sent again', async () => {
    const before = desk.files.size
    const long = await createUpload({ size: 10 })
    expect((await put(long.upload!.url, Buffer.alloc(100_000))).status).toBe(413)
    const unannounced = await createUpload({})
    expect((await put(unannounced.upload!.url, Buffer.alloc(uploadBytes + 1))).status).toBe(413)
    const short = await createUpload({ size: 10 })
    expect((await put(short.upload!.url, Buffer.alloc(9))).status).toBe(400)
    const broken = await createUpload({})
    const outgoing = httpRequest(broken.upload!.url, { method: 'PUT', headers: { 'content-length': 1_000 } })
    outgoing.on('error', () => {})
    const brokenBefore = desk.state.broken
    const arrived = new Promise<void>((resolve) => {
      desk.state.firstChunk = resolve
    })
    outgoing.write(Buffer.alloc(100))
    await arrived
    outgoing.destroy()
    await vi.waitFor(() => expect(desk.state.broken).toBe(brokenBefore + 1), { timeout: 10_000 })
    expect(desk.files.size).toBe(before)
    await vi.waitFor(async () => expect((await put(broken.upload!.url, Buffer.alloc(5))).status).toBe(204), { timeout: 10_000 })
    expect((await put(short.upload!.url, Buffer.alloc(10))).status).toBe(204)
  })

  it('that the source does not take may be sent again', async () => {
    const { upload } = await createUpload({})
    desk.state.refuses = true
    const refused = await put(upload!.url, Buffer.from('x'))
    desk.state.refuses = false
    expect((await refused.json()) as object).toMatchObject({
      errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE', source: 'files' } }],
    })
    expect((await put(upload!.url, Buffer.from('x'))).status).toBe(204)
  })
})

describe('UPLOAD-02 createUpload', () => {
  it.each([
    [{ source: 'plain' }, 'NOT_SUPPORTED', 'source'],
    [{ source: 'nope' }, 'NOT_FOUND', 'source'],
    [{ filename: ' ' }, 'INVALID', 'filename'],
    [{ filename: '../photo.png' }, 'INVALID', 'filename'],
    [{ filename: 'a\nb' }, 'INVALID', 'filename'],
    [{ size: uploadBytes + 1 }, 'INVALID', 'size'],
    [{ size: 1.5 }, 'INVALID', 'size'],
    [{ contentType: 'image/png\r\nx: y' }, 'INVALID', 'contentType'],
    [{ ticket: 'nonsense' }, 'INVALID', 'ticket'],
  ])('refuses %j as %s', async (input, code, field) => {
    const { upload, userErrors } = await createUpload(input)
    expect(upload).toBeNull()
    expect(userErrors).toMatchObject([{ code, field: ['input', field] }])
  })

  it('gives an upload that only its viewer, source and ticket can use', async () => {
    const other = desk.source.put('t2').id
    const { upload } = await createUpload({ ticket: other })
    expect((await put(upload!.url, Buffer.from('x'))).status).toBe(204)
    expect(await reply(upload!.uploadId)).toMatchObject({ outcome: 'REJECTED' })
    const free = await createUpload({})
    expect((await put(free.upload!.url, Buffer.from('x'))).status).toBe(204)
    const anonymous = { scopes: undefined } as unknown as { scopes: string[] }
    expect(await reply(free.upload!.uploadId, anonymous)).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'INVALID' }],
    })
    expect(await reply(free.upload!.uploadId)).toMatchObject({ outcome: 'APPLIED' })
  })

  it('needs the public address of the gateway', async () => {
    const { publicUrl } = config
    delete config.publicUrl
    const { userErrors } = await createUpload({})
    config.publicUrl = publicUrl!
    expect(userErrors).toMatchObject([{ code: 'NOT_SUPPORTED', field: null }])
  })
})
