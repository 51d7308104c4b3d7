import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/db/open-store.ts'
import type { UploadStore } from '../../../src/tickets/upload-store.ts'
import { testEngines } from '../../support/engines.ts'
import { findTestSource } from '../../support/ingestion-fixture.ts'
import { createMemoryUploads } from '../../support/memory-uploads.ts'

const upload = {
  secretDigest: 'a'.repeat(64),
  viewer: { id: 'ann', email: 'ann@example.com', name: null },
  sourceKey: 'files',
  ticketId: null,
  filename: 'photo.png',
  contentType: null,
  size: 5_000_000_000,
  expiresAt: '2026-01-01T00:05:00.000Z',
}

/** What every store of uploads does. */
function itStoresUploads(open: () => UploadStore): void {
  it('UPLOAD-03 returns an upload as it was added', async () => {
    const store = open()
    await store.add({ ...upload, id: 'u1' })
    expect(await store.find('u1')).toEqual({ ...upload, id: 'u1', sourceRef: null })
    expect(await store.find('u9')).toBeNull()
  })

  it('UPLOAD-03 lets one of several claims receive it, and another one after a failure', async () => {
    const store = open()
    await store.add({ ...upload, id: 'u2', ticketId: 'VGlja2V0' })
    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claim('u2')))
    expect(claims.filter(Boolean)).toHaveLength(1)
    await store.finish('u2', null)
    expect(await store.claim('u2')).toBe(true)
    await store.finish('u2', 'token-1')
    expect(await store.claim('u2')).toBe(false)
    expect(await store.find('u2')).toMatchObject({ sourceRef: 'token-1', ticketId: 'VGlja2V0' })
    expect(await store.claim('u9')).toBe(false)
  })

  it('UPLOAD-04 keeps the bytes of a file as they came, and those of the last try', async () => {
    const store = open()
    await store.add({ ...upload, id: 'u3', size: null })
    const file = randomBytes(700_001)
    const inPieces = async function* (bytes: Buffer) {
      for (let start = 0; start < bytes.length; start += 99_999) yield bytes.subarray(start, start + 99_999)
    }
    const read = async (id: string) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of store.open(id)) chunks.push(chunk)
      return Buffer.concat(chunks)
    }
    expect(await store.keep('u3', inPieces(randomBytes(900_000)))).toBe(900_000)
    expect(await store.keep('u3', inPieces(file))).toBe(700_001)
    expect((await read('u3')).equals(file)).toBe(true)
    expect(await store.find('u3')).toMatchObject({ size: 700_001 })
    expect(await store.keep('u3', inPieces(Buffer.alloc(0)))).toBe(0)
    expect(await read('u3')).toHaveLength(0)
    expect(await read('u9')).toHaveLength(0)
  })
}

describe('uploads in memory', () => {
  const store = createMemoryUploads()
  itStoresUploads(() => store)
})

describe.each(testEngines)('uploads on $name', (engine) => {
  let store: Store
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ store, close } = await engine.open({ findSource: findTestSource }))
  }, 60_000)
  afterAll(() => close())
  itStoresUploads(() => store.uploads)

  it('UPLOAD-03 are removed by the retention', async () => {
    await store.uploads.add({ ...upload, id: 'old' })
    await store.uploads.keep('old', Readable.from([Buffer.from('bytes')]))
    expect(await store.prune('uploads', '2020-01-01T00:00:00.000Z')).toBe(0)
    expect(await store.prune('uploads', '2999-01-01T00:00:00.000Z')).toBeGreaterThan(0)
    expect(await store.uploads.find('old')).toBeNull()
    for await (const bytes of store.uploads.open('old')) expect(bytes).toBeUndefined()
  })
})
