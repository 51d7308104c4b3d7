import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Viewer } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { type CreateUpload, createUploadService } from '../../src/tickets/uploads.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'
import { createMemoryUploads } from '../support/memory-uploads.ts'

const uploadBytes = 1_000
const ann: Viewer = { ...anonymous, id: 'ann', email: 'ann@example.com', name: 'Ann' }
const call = { signal: new AbortController().signal, requestId: 'request-7' }

type UploadFile = NonNullable<TicketSource['uploadFile']>
type Sent = Parameters<UploadFile>

function sourceWith(key: string, methods: Partial<TicketSource>, attachments: 'UPLOAD' | 'URL' = 'UPLOAD') {
  const info = toSourceInfo(key)
  return createMemorySource({ ...info, capabilities: { ...info.capabilities, attachments } }, { methods })
}

/** Two sources that take uploads: `desk` takes the bytes at once, `kept` with a message only. `plain` takes none, `old` files by address alone. */
function createDesk(config: { publicUrl?: string } = { publicUrl: 'https://desk.example' }) {
  const received: { readonly request: Sent[0]; readonly call: Sent[1]; readonly bytes: Buffer }[] = []
  const desk = sourceWith('desk', {
    async uploadFile(request, by) {
      received.push({ request, call: by, bytes: await buffer(request.body) })
      return 'token-1'
    },
  })
  const kept = sourceWith('kept', { attachesFiles: true })
  const plain = sourceWith('plain', {})
  const old = sourceWith('old', { attachesFiles: true }, 'URL')
  const all = [desk, kept, plain, old]
  const sources = { all, get: (key: string) => all.find(({ info }) => info.key === key) }
  const now = { ms: Date.UTC(2026, 0, 1) }
  const store = createMemoryUploads()
  const service = createUploadService({ sources: all, store, config: { ...config, uploadBytes }, clock: () => now.ms })
  const create = (input: Partial<CreateUpload> = {}) =>
    service.create({ source: 'desk', filename: 'photo.png', ...input }, sources, ann)
  /** The last part of a new upload's address. */
  const addressOf = async (input: Partial<CreateUpload> = {}) => {
    const { upload } = await create(input)
    return upload!.url.slice('https://desk.example/uploads/'.length)
  }
  const receive = (address: string, bytes: number) => service.receive(address, Readable.from([Buffer.alloc(bytes, 'x')]), call)
  return { service, store, now, desk, sources, received, create, addressOf, receive }
}

describe('a new upload', () => {
  it('has an address below the public one, which is a secret of 32 random bytes and ends after five minutes', async () => {
    const { create, store } = createDesk()
    const { upload, userErrors } = await create({ size: 9, contentType: 'image/png' })
    expect(userErrors).toEqual([])
    expect(upload!.expiresAt).toBe('2026-01-01T00:05:00.000Z')
    const [id, secret] = upload!.url.slice('https://desk.example/uploads/'.length).split('.') as [string, string]
    expect([id, Buffer.from(secret, 'base64url').length]).toEqual([upload!.uploadId, 32])
    const { secretDigest, ...stored } = (await store.find(id))!
    expect(secretDigest).toMatch(/^[0-9a-f]{64}$/)
    expect(stored).toEqual({
      id,
      viewer: { id: 'ann', email: 'ann@example.com', name: 'Ann' },
      sourceKey: 'desk',
      ticketId: null,
      filename: 'photo.png',
      contentType: 'image/png',
      size: 9,
      sourceRef: null,
      expiresAt: '2026-01-01T00:05:00.000Z',
    })
  })

  it.each<[string, Partial<CreateUpload>]>([
    ['a name of 255 characters', { filename: 'x'.repeat(255) }],
    ['a name with dots in it', { filename: '...a..b' }],
    ['no bytes', { size: 0 }],
    ['as many bytes as are allowed', { size: uploadBytes }],
    ['a media type of every kind of character', { contentType: 'application/vnd.ms-excel+x_1' }],
    ['no media type', { contentType: '' }],
    ['a ticket of its source', { ticket: encodeId('ticket', 'desk', '', 't1') }],
    ['a source that takes files with a message', { source: 'kept' }],
  ])('may have %s', async (_, input) => {
    expect(await createDesk().create(input)).toMatchObject({ upload: {}, userErrors: [] })
  })

  const nameRule = 'A file name has 1 to 255 characters, and no slashes or control characters.'
  it.each<[Partial<CreateUpload>, string, string, string]>([
    [{ source: 'nope' }, 'NOT_FOUND', 'There is no such source.', 'source'],
    [{ source: 'plain' }, 'NOT_SUPPORTED', 'Memory plain takes no uploads.', 'source'],
    [{ source: 'old' }, 'NOT_SUPPORTED', 'Memory old takes no uploads.', 'source'],
    [{ ticket: 'nonsense' }, 'INVALID', 'This is not a ticket of the source.', 'ticket'],
    [{ ticket: encodeId('ticket', 'kept', '', 't1') }, 'INVALID', 'This is not a ticket of the source.', 'ticket'],
    [{ ticket: encodeId('customer', 'desk', '', 't1') }, 'INVALID', 'This is not a ticket of the source.', 'ticket'],
    ...['', ' ', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a\u007f', 'x'.repeat(256)].map(
      (filename): [Partial<CreateUpload>, string, string, string] => [{ filename }, 'INVALID', nameRule, 'filename'],
    ),
    ...[uploadBytes + 1, -1, 1.5, Number.NaN].map((size): [Partial<CreateUpload>, string, string, string] => [
      { size },
      'INVALID',
      'A file has at most 1000 bytes.',
      'size',
    ]),
    ...['png', 'image/', '/png', 'image/png; charset=x', ' image/png', 'image/png\r\nx: y', `image/${'x'.repeat(128)}`].map(
      (contentType): [Partial<CreateUpload>, string, string, string] => [
        { contentType },
        'INVALID',
        'This is not a media type, such as image/png.',
        'contentType',
      ],
    ),
  ])('is refused as %j', async (input, code, message, field) => {
    expect(await createDesk().create(input)).toEqual({ upload: null, userErrors: [{ code, message, field: ['input', field] }] })
  })

  it('is refused where the gateway has no public address', async () => {
    const message = 'This gateway takes no uploads: it has no `http.publicUrl`.'
    expect(await createDesk({}).create()).toEqual({ upload: null, userErrors: [{ code: 'NOT_SUPPORTED', message, field: null }] })
  })

  it('is a user error where the store is down, with the failure for the log', async () => {
    const { create, store } = createDesk()
    const failure = new DeskgraphError('STORAGE_UNAVAILABLE', 'The store is down.')
    store.add = () => Promise.reject(failure)
    const retryAt = '2026-01-01T00:00:01.000Z'
    expect(await create()).toEqual({
      upload: null,
      userErrors: [{ code: 'STORAGE_UNAVAILABLE', message: 'The store is down.', field: null, retryable: true, retryAt }],
      failure,
    })
    const fault = new TypeError('a fault of the program')
    store.add = () => Promise.reject(fault)
    await expect(create()).rejects.toBe(fault)
  })
})

describe('the address of an upload', () => {
  it('takes the bytes once, and gives them to the source as those of its viewer, for its ticket', async () => {
    const { addressOf, receive, received, store } = createDesk()
    const address = await addressOf({ size: 9, contentType: 'image/png', ticket: encodeId('ticket', 'desk', '', 't1') })
    expect(await receive(address, 9)).toBe('RECEIVED')
    expect(received.map(({ bytes }) => String(bytes))).toEqual(['xxxxxxxxx'])
    expect(received[0]).toMatchObject({
      request: {
        filename: 'photo.png',
        contentType: 'image/png',
        size: 9,
        ticket: { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: 't1' },
      },
      call: { ...call, viewer: { id: 'ann', email: 'ann@example.com', name: 'Ann', scopes: new Set(), expiresAt: null } },
    })
    expect(await store.find(address.split('.')[0]!)).toMatchObject({ sourceRef: 'token-1' })
    expect(await receive(address, 9)).toBe('USED')
    expect(received).toHaveLength(1)
  })

  it('gives a source no ticket where the upload has none', async () => {
    const { addressOf, receive, received } = createDesk()
    await receive(await addressOf(), 1)
    expect(received[0]!.request).not.toHaveProperty('ticket')
  })

  it('keeps the bytes where the source takes them with a message only', async () => {
    const { addressOf, receive, store } = createDesk()
    const address = await addressOf({ source: 'kept' })
    expect(await receive(address, 5)).toBe('RECEIVED')
    const [id] = address.split('.') as [string]
    expect(await store.find(id)).toMatchObject({ sourceRef: id, size: 5 })
    expect(String(await buffer(store.open(id)))).toBe('xxxxx')
  })

  it('is unknown with another secret, without one, and once it has expired', async () => {
    const { addressOf, receive, received, now } = createDesk()
    const address = await addressOf()
    const [id, secret] = address.split('.') as [string, string]
    for (const wrong of ['', id, `${id}.`, `${id}.${secret.slice(1)}`, `nope.${secret}`])
      expect(await receive(wrong, 1)).toBe('UNKNOWN')
    now.ms += 5 * 60_000
    expect(await receive(address, 1)).toBe('UNKNOWN')
    now.ms -= 1
    expect(await receive(address, 1)).toBe('RECEIVED')
    expect(received).toHaveLength(1)
  })

  it('is unknown where its source was taken out, or takes no more uploads', async () => {
    const { addressOf, sources, store } = createDesk()
    const address = await addressOf()
    for (const left of [sources.all.slice(1), [sourceWith('desk', {})]]) {
      const later = createUploadService({ sources: left, store, config: { uploadBytes }, clock: () => Date.UTC(2026, 0, 1) })
      expect(await later.receive(address, Readable.from([Buffer.from('x')]), call)).toBe('UNKNOWN')
    }
  })
})

describe('an upload that fails', () => {
  const tooLarge = { code: 'PAYLOAD_TOO_LARGE', message: 'The file is larger than announced or allowed.' }
  it.each([
    ['is longer than announced', 10, 11, tooLarge],
    ['is longer than allowed, without an announcement', undefined, uploadBytes + 1, tooLarge],
    ['is shorter than announced', 10, 9, { code: 'BAD_REQUEST', message: 'The file is shorter than announced.' }],
  ])('because it %s may be sent again', async (_, size, sent, error) => {
    const { addressOf, receive, received } = createDesk()
    const address = await addressOf({ ...(size !== undefined && { size }) })
    await expect(receive(address, sent)).rejects.toMatchObject(error)
    expect(received).toEqual([])
    expect(await receive(address, size ?? uploadBytes)).toBe('RECEIVED')
    expect(received[0]!.bytes).toHaveLength(size ?? uploadBytes)
  })

  it.each([
    ['breaks off', undefined, { code: 'BAD_REQUEST', message: 'The body broke off.' }],
    ['fails', new Error('the connection was reset'), { message: 'the connection was reset' }],
  ])('because its body %s ends the transfer to the source with the same error', async (_, cause, error) => {
    const { service, desk, addressOf } = createDesk()
    const atSource = Promise.withResolvers<unknown>()
    desk.uploadFile = async ({ body }) => {
      body.resume().once('error', atSource.resolve)
      // A source that never answers, although its body has failed.
      return new Promise<string>(() => {})
    }
    const body = new PassThrough()
    body.write('half')
    const receiving = service.receive(await addressOf(), body, call)
    const rejected = expect(receiving).rejects.toMatchObject(error)
    body.once('data', () => setImmediate(() => body.destroy(cause)))
    await rejected
    expect(await atSource.promise).toMatchObject(error)
  })

  it('because the source refuses it ends the body, and may be sent again', async () => {
    const { desk, addressOf, receive } = createDesk()
    const upload = desk.uploadFile!
    const refusal = new DeskgraphError('UPSTREAM_REJECTED', 'It does not take this file.', { source: 'desk' })
    let handed: Readable | undefined
    desk.uploadFile = async ({ body }) => {
      handed = body
      throw refusal
    }
    const address = await addressOf()
    await expect(receive(address, 5)).rejects.toBe(refusal)
    expect(handed!.destroyed).toBe(true)
    desk.uploadFile = upload
    expect(await receive(address, 5)).toBe('RECEIVED')
  })
})
