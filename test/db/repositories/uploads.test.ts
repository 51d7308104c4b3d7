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
    expect(await store.prune('uploads', '2020-01-01T00:00:00.000Z')).toBe(0)
    expect(await store.prune('uploads', '2999-01-01T00:00:00.000Z')).toBeGreaterThan(0)
    expect(await store.uploads.find('old')).toBeNull()
  })
})
