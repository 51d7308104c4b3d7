import type { ServerResponse } from 'node:http'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Viewer } from '../../../src/domain/call.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import { type Failure, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import type { Attachment } from '../../../src/domain/ticket.ts'
import { createErrorHandler } from '../../../src/http/error-response.ts'
import { fileRoutes } from '../../../src/http/routes/files.ts'
import { createHttpClient } from '../../../src/sources/http-client/http-client.ts'
import { createFileService, type FileServiceDeps } from '../../../src/tickets/files.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { startVendor, type VendorCall } from '../../support/vendor.ts'

const fileKey = 'a key that all replicas have'
const attachment: Attachment = {
  id: encodeId('attachment', 'desk', '', 't1#7'),
  filename: 'photo.png',
  url: 'http://vendor.example/files/7',
  size: null,
  contentType: 'image/png',
  expiresAt: null,
  requiresAuth: true,
}
const ann: Viewer = { ...anonymous, id: 'ann', email: 'ann@example.com' }

/** A vendor with one file, a source that opens it, and a gateway that passes it on. */
async function desk(
  answer: (call: VendorCall, res: ServerResponse) => void,
  options: { readonly limits?: object; readonly config?: FileServiceDeps['config'] } = {},
) {
  const vendor = await startVendor(answer)
  const client = createHttpClient({
    sourceKey: 'desk',
    label: 'Desk',
    baseUrl: `${vendor.url}/api`,
    timeoutMs: 5_000,
    headers: { authorization: 'Bearer secret' },
    identity: { header: 'x-agent', loginOf: ({ email }) => email },
    limits: options.limits as never,
    ...{ metrics: noMetrics, logger: noLogger, clock: Date.now },
  })
  const source = createMemorySource('desk', {
    methods: {
      openFile: ({ externalId }, call) =>
        client.download({ operation: 'file', path: `/files/${externalId.split('#')[1]}` }, call),
    },
  })
  const now = { ms: Date.UTC(2026, 0, 1) }
  const app = Fastify()
  const failures: Failure[] = []
  const log = { report: (failure: Failure) => void failures.push(failure) }
  app.setErrorHandler(createErrorHandler(log))
  const config: { publicUrl?: string; fileKey?: string } = { fileKey, ...options.config }
  let service = createFileService({ sources: [source], config, clock: () => now.ms })
  await app.register(fileRoutes, { opener: { open: (...given) => service.open(...given) }, failures: log })
  config.publicUrl ??= await app.listen({ port: 0, host: '127.0.0.1' })
  service = createFileService({ sources: [source], config, clock: () => now.ms })
  onTestFinished(async () => {
    await app.close()
    await client.close()
  })
  const urlOf = (changes: Partial<Attachment> = {}, viewer = ann) => service.addressOf({ ...attachment, ...changes }, viewer)!.url
  return { vendor, source, service, config, now, failures, urlOf }
}
const bytes = Buffer.from('the bytes of the file')

describe('FILE-01 a file of a source', () => {
  it('comes through the gateway, whole and with safe headers, at an address that needs no token', async () => {
    const { vendor, urlOf } = await desk((_, res) => res.writeHead(200, { 'content-length': bytes.length }).end(bytes))
    const answer = await fetch(urlOf({ size: bytes.length }))
    expect([answer.status, await answer.text()]).toEqual([200, 'the bytes of the file'])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '21',
      'content-disposition': 'inline; filename="photo.png"; filename*=UTF-8\'\'photo.png',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(vendor.lines()).toEqual(['GET /api/files/7'])
    expect(vendor.calls[0]!.headers).toMatchObject({ authorization: 'Bearer secret', 'x-agent': 'ann@example.com' })
  })

  it.each([
    ['text/html', '<b>.html', 'attachment; filename="<b>.html"; filename*=UTF-8\'\'%3Cb%3E.html'],
    ['image/svg+xml', 'a"\r\nx: y.svg', 'attachment; filename="a___x: y.svg"; filename*=UTF-8\'\'a%22__x%3A%20y.svg'],
    ['no media type', '../ü.bin', 'attachment; filename="..__.bin"; filename*=UTF-8\'\'.._%C3%BC.bin'],
  ])('is saved and not shown where a browser could run it: %s', async (contentType, filename, disposition) => {
    const { urlOf } = await desk((_, res) => res.writeHead(200).end(bytes))
    const answer = await fetch(urlOf({ contentType, filename }))
    expect(answer.headers.get('content-disposition')).toBe(disposition)
    expect(answer.headers.get('content-type')).toBe(contentType === 'no media type' ? 'application/octet-stream' : contentType)
  })

  it('streams: its beginning arrives before its end exists', async () => {
    let end = () => {}
    const { urlOf } = await desk((_, res) => {
      res.writeHead(200).write(Buffer.alloc(70_000))
      end = () => res.end('!')
    })
    const reader = (await fetch(urlOf())).body!.getReader()
    let received = (await reader.read()).value!.length
    end()
    for (let part = await reader.read(); !part.done; part = await reader.read()) received += part.value.length
    expect(received).toBe(70_001)
  })
})

describe('FILE-02 the address of a file', () => {
  it('has one spelling: no other last character opens it', async () => {
    const { vendor, urlOf } = await desk((_, res) => res.writeHead(200).end(bytes))
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    // The last character of base64url has two or four bits that mean nothing, unless the bytes are a multiple of three.
    for (const filename of ['a', 'ab', 'abc']) {
      const url = urlOf({ filename })
      const others = alphabet.filter((last) => !url.endsWith(last)).map((last) => `${url.slice(0, -1)}${last}`)
      const statuses = await Promise.all(others.map(async (changed) => (await fetch(changed)).status))
      expect(new Set(statuses)).toEqual(new Set([404]))
    }
    expect(vendor.calls).toEqual([])
  })

  it('is the right of one viewer to one file, for five minutes', async () => {
    const { vendor, urlOf, now, service } = await desk((_, res) => res.writeHead(200).end(bytes))
    const url = urlOf()
    expect(service.addressOf(attachment, ann)!.expiresAt).toBe('2026-01-01T00:05:00.000Z')
    // Base64 of the viewer's e-mail address would stand in logs.
    const sealed = Buffer.from(url.split('/files/')[1]!, 'base64url').toString('latin1')
    expect(sealed).not.toMatch(/ann|photo/)
    for (const at of [5, 40, url.length - 1]) {
      const changed = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`
      if (at > url.indexOf('/files/')) expect((await fetch(changed)).status).toBe(404)
    }
    expect((await fetch(url.replace(/[^/]+$/, 'nonsense'))).status).toBe(404)
    now.ms += 5 * 60_000
    expect((await fetch(url)).status).toBe(404)
    expect(vendor.calls).toEqual([])
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })

  it('ends with the sign-in of its viewer', async () => {
    const { service, now } = await desk((_, res) => res.end(bytes))
    const signedIn = { ...ann, expiresAt: now.ms / 1000 + 60 }
    expect(service.addressOf(attachment, signedIn)!.expiresAt).toBe('2026-01-01T00:01:00.000Z')
  })

  it('works at every replica with the same key, and at no other', async () => {
    const { source, config, now, urlOf } = await desk((_, res) => res.end(bytes))
    const address = urlOf().split('/files/')[1]!
    const call = { signal: new AbortController().signal, requestId: 'r' }
    const replica = (key?: string) =>
      createFileService({ sources: [source], config: { ...config, fileKey: key }, clock: () => now.ms })
    const file = await replica(fileKey).open(address, call)
    expect(file).toMatchObject({ filename: 'photo.png' })
    file!.body.destroy()
    expect(await replica('another key of a replica').open(address, call)).toBeNull()
    expect(await replica().open(address, call)).toBeNull()
  })

  it('is in the graph, and stays the vendor’s where the gateway cannot pass the file on', async () => {
    const { source, service } = await desk((_, res) => res.end(bytes))
    const plain = createMemorySource('plain')
    const other = { ...attachment, id: encodeId('attachment', 'plain', '', 't2#1') }
    const { id } = source.put('t1', { attachments: [attachment] })
    plain.put('t2', { attachments: [other] })
    const { ask } = createTestGraph({ sources: [source, plain], services: { files: service } })
    const query = '{ tickets { nodes { attachments { url requiresAuth expiresAt } } } }'
    const { data } = await ask(query)
    expect(id).toBeTruthy()
    const { nodes } = data!.tickets as { nodes: { attachments: unknown[] }[] }
    const shown = nodes.map(({ attachments: [one] }) => one)
    expect(shown).toContainEqual({ url: attachment.url, requiresAuth: true, expiresAt: null })
    expect(shown).toContainEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/files\//),
      requiresAuth: false,
      expiresAt: '2026-01-01T00:05:00.000Z',
    })
  })
})

describe('FILE-03 a file that breaks off never looks whole', () => {
  it.each([
    ['behind a length', (res: ServerResponse) => res.writeHead(200, { 'content-length': 1_000 })],
    ['in chunks', (res: ServerResponse) => res.writeHead(200)],
  ])('%s', async (_, begin) => {
    const { urlOf, failures } = await desk((_call, res) => {
      begin(res).write('half of it')
      setTimeout(() => res.destroy(), 100)
    })
    const answer = await fetch(urlOf())
    expect(answer.status).toBe(200)
    await expect(answer.arrayBuffer()).rejects.toThrow()
    const reported = [{ code: 'UPSTREAM_BAD_RESPONSE', source: 'desk', path: '/files/*' }]
    await vi.waitFor(() => expect(failures).toMatchObject(reported))
  })

  it('whose end comes too early, by the size that its ticket has', async () => {
    const { urlOf } = await desk((_, res) => res.writeHead(200).end(bytes))
    await expect(fetch(urlOf({ size: 22 })).then((answer) => answer.arrayBuffer())).rejects.toThrow()
    expect(await (await fetch(urlOf({ size: 21 }))).text()).toBe('the bytes of the file')
  })
})

describe('FILE-04 a source', () => {
  it.each([
    [404, 404],
    [403, 404],
    [401, 502],
    [500, 502],
    [429, 503],
  ])('that answers %i makes the gateway answer %i', async (theirs, ours) => {
    const { urlOf } = await desk((_, res) => res.writeHead(theirs).end('text of the vendor'))
    const answer = await fetch(urlOf())
    expect(answer.status).toBe(ours)
    expect(await answer.text()).not.toContain('text of the vendor')
  })

  it('may not send more than its limit, announced or not', async () => {
    const limits = { fileBytes: 20 }
    const announced = await desk((_, res) => res.writeHead(200, { 'content-length': bytes.length }).end(bytes), { limits })
    expect((await fetch(announced.urlOf())).status).toBe(502)
    const chunked = await desk((_, res) => res.writeHead(200).end(bytes), { limits })
    await expect(fetch(chunked.urlOf()).then((answer) => answer.arrayBuffer())).rejects.toThrow()
  })

  it('may not take longer than its time', async () => {
    const { urlOf } = await desk((_, res) => void res.writeHead(200).write('a'), { limits: { fileTimeoutMs: 300 } })
    await expect(fetch(urlOf()).then((answer) => answer.arrayBuffer())).rejects.toThrow()
  })

  it('that sends to its sign-in page, or another file than the ticket has, shows neither', async () => {
    const { urlOf, vendor } = await desk(
      ({ path }, res) => {
        if (path === '/api/files/7') res.writeHead(302, { location: '/login' }).end()
        else res.writeHead(200, { 'content-length': bytes.length }).end(bytes)
      },
      { limits: { fileNetworks: ['127.0.0.1/32'] } },
    )
    expect((await fetch(urlOf())).status).toBe(502)
    expect(vendor.lines()).toEqual(['GET /api/files/7'])
    const other = await desk((_, res) => res.writeHead(200, { 'content-length': bytes.length }).end(bytes))
    expect((await fetch(other.urlOf({ size: 20 }))).status).toBe(502)
  })

  it('may send to a host of its files, which receives no credentials', async () => {
    const store = await startVendor((_, res) => res.end(bytes))
    const redirect = (_: VendorCall, res: ServerResponse) => res.writeHead(302, { location: `${store.url}/x?sig=1` }).end()
    const { urlOf } = await desk(redirect, { limits: { fileNetworks: ['127.0.0.1/32'] } })
    expect(await (await fetch(urlOf())).text()).toBe('the bytes of the file')
    expect(store.lines()).toEqual(['GET /x?sig=1'])
    expect(Object.keys(store.calls[0]!.headers)).not.toEqual(expect.arrayContaining(['authorization']))
    expect(JSON.stringify(store.calls[0]!.headers)).not.toMatch(/secret|ann@example\.com/)
  })

  it.each([
    'http://127.0.0.1:1/x',
    'http://169.254.169.254/latest',
    'https://10.0.0.1/',
    'file:///etc/passwd',
    'https://a:b@x.example/',
  ])('may not send to %s', async (location) => {
    const { urlOf, failures } = await desk((_, res) => res.writeHead(302, { location }).end())
    const answer = await fetch(urlOf())
    expect(answer.status).toBe(502)
    expect(await answer.text()).not.toContain(location)
    expect(failures).toMatchObject([{ code: 'UPSTREAM_BAD_RESPONSE' }])
  })
})
