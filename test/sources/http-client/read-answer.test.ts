import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startVendor } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

const thing = { id: 'a', title: 'größer €' }
const plain = Buffer.from(JSON.stringify(thing))

/** A vendor that answers with these bytes under this content-encoding. */
async function vendorWith(encoding: string | string[], body: Buffer, status = 200) {
  return startVendor((_, res) => {
    res.setHeader('content-type', 'application/json')
    res.setHeader('content-encoding', encoding)
    res.writeHead(status).end(body)
  })
}

describe('UPSTREAM-34: a content-encoding', () => {
  it.each([
    'utf-8',
    'UTF-8',
    'Identity',
    'identity',
    '',
    'none',
    'binary',
    'identity, utf-8',
    'aws-chunked',
    'br-not',
    'constructor',
  ])('that is no compression, "%s", changes nothing', async (encoding) => {
    const vendor = await vendorWith(encoding, plain)
    expect((await read(clientFor(vendor.url))).body).toEqual(thing)
    expect(await write(clientFor(vendor.url))).toMatchObject({ answer: { body: thing } })
  })

  it.each([
    ['gzip', gzipSync(plain)],
    ['GZip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['identity, gzip', gzipSync(plain)],
    ['gzip, utf-8', gzipSync(plain)],
    // RFC 9110 §8.4: in the order in which they were applied.
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['deflate,gzip', gzipSync(deflateSync(plain))],
    [['gzip', 'br'], brotliCompressSync(gzipSync(plain))],
  ] as const)('%s is undone, for reads, refusals and writes', async (encoding, body) => {
    const header = typeof encoding === 'string' ? encoding : [...encoding]
    const vendor = await vendorWith(header, body)
    expect((await read(clientFor(vendor.url))).body).toEqual(thing)
    expect(await write(clientFor(vendor.url))).toMatchObject({ answer: { body: thing } })
    const refusing = await vendorWith(header, body, 422)
    expect(await read(clientFor(refusing.url))).toEqual({ status: 422, body: thing, readable: true })
  })

  it.each(['gzip', 'br', 'deflate'])('%s that was undone on the way and left in the header is ignored', async (encoding) => {
    const vendor = await vendorWith(encoding, plain)
    expect((await read(clientFor(vendor.url))).body).toEqual(thing)
  })

  it.each([
    ['gzip', gzipSync(plain).subarray(0, 20)],
    ['br', brotliCompressSync(Buffer.alloc(10_000, 'x')).subarray(0, 8)],
    ['gzip', Buffer.from([0x1f, 0x8b, 0xff, 0xff])],
    ['zstd', gzipSync(plain)],
    ['gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gzipSync(plain))))],
  ])('%s with broken or unknown bytes is UPSTREAM_BAD_RESPONSE', async (encoding, body) => {
    const vendor = await vendorWith(encoding, body)
    const error = await errorOf(read(clientFor(vendor.url)))
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: 'Acme sent an answer that could not be understood.' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('of an empty body is ignored', async () => {
    const vendor = await vendorWith('gzip', Buffer.alloc(0), 404)
    expect(await read(clientFor(vendor.url))).toEqual({ status: 404, body: undefined, readable: true })
  })

  const bomb = Buffer.alloc(8_000_000, 0x20)
  it.each([
    ['gzip', gzipSync(bomb)],
    ['br', brotliCompressSync(bomb)],
    ['deflate', deflateSync(bomb)],
    ['deflate', deflateRawSync(bomb)],
    ['gzip, gzip', gzipSync(gzipSync(bomb))],
  ])('UPSTREAM-10: %s of more than the size limit is refused', async (encoding, body) => {
    const vendor = await vendorWith(encoding, body)
    const error = await errorOf(read(clientFor(vendor.url, { limits: { maxBytes: 1_000_000 } })))
    expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', message: 'Acme sent more than is accepted.' })
    expect(vendor.calls).toHaveLength(1)
  })
})

describe('UPSTREAM-35: the bytes of an answer', () => {
  const bom = Buffer.from([0xef, 0xbb, 0xbf])
  const titled = (...bytes: number[]) => Buffer.concat([Buffer.from('{"title":"a'), Buffer.from(bytes), Buffer.from('z"}')])

  // The Unicode standard, table 3-8 (maximal subparts): one U+FFFD for each.
  it.each([
    ['é in Latin-1', titled(0xe9), 'a\ufffdz'],
    ['the euro sign of Windows-1252', titled(0x80), 'a\ufffdz'],
    ['FF', titled(0xff), 'a\ufffdz'],
    ['half a two-byte character', titled(0xc3), 'a\ufffdz'],
    ['a slash in two bytes', titled(0xc0, 0xaf), 'a\ufffd\ufffdz'],
    ['the first three bytes of an emoji', titled(0xf0, 0x9f, 0x98), 'a\ufffdz'],
    ['a surrogate in UTF-8', titled(0xed, 0xa0, 0xbd), 'a\ufffd\ufffd\ufffdz'],
    ['a whole emoji', titled(0xf0, 0x9f, 0x98, 0x80), 'a😀z'],
  ])('are read with %s', async (_, body, title) => {
    const vendor = await startVendor((_call, res) => res.writeHead(200).end(body))
    expect((await read(clientFor(vendor.url))).body).toEqual({ title })
  })

  it('may begin with a byte order mark, and with no second one', async () => {
    const vendor = await startVendor(({ index }, res) =>
      res.writeHead(200).end(Buffer.concat(index === 0 ? [bom, plain] : [bom, bom, plain])),
    )
    expect((await read(clientFor(vendor.url))).body).toEqual(thing)
    expect((await errorOf(read(clientFor(vendor.url)))).code).toBe('UPSTREAM_BAD_RESPONSE')
  })

  it('keep a byte order mark inside of a text, and long numbers behind one', async () => {
    const vendor = await startVendor((_call, res) => res.writeHead(200).end(`\ufeff{"id":9007199254740993,"title":"a\ufeffz"}`))
    expect((await read(clientFor(vendor.url))).body).toEqual({ id: '9007199254740993', title: 'a\ufeffz' })
  })
})
