import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'
import { keptOfEach } from './support-old-generation.ts'

for (const engine of testEngines) {
  describe(`on ${engine.name}`, () => {
    let opened: { readonly store: Store; close(): Promise<void> }
    beforeAll(async () => {
      opened = await engine.open({ findSource: findTestSource })
    })
    afterAll(() => opened.close())

    test('a look-up leaves nothing behind that only a collection of everything would find', async () => {
      const { store } = opened
      const refs = [{ kind: 'ticket', sourceKey: 'vcc', tenant: '7', externalId: '5' }] as const
      expect(await keptOfEach(() => store.tickets.find([...refs]))).toBeLessThan(600)
    })
  })
}
