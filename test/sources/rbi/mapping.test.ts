import { expect, test } from 'vitest'
import { type SupportTicketData, toRoutedTicket } from '../../../src/sources/rbi/mapping.ts'
import { rbiInfo } from '../../support/ingestion-fixture.ts'

const data: SupportTicketData = {
  id: 'own-1',
  type: 'STORE',
  category: 'order',
  subcategory: 'missing-item',
  subcategoryId: 'KF-102',
  comments: 'Two wings short.',
  source: 'API',
  store: { id: '1001' },
  order: { id: 'PLK-1', placedAt: '2024-03-01T11:30:00.000Z' },
  customer: null,
  region: 'eu',
  createdAt: '2024-03-01T12:00:00.000Z',
}

test('maps a ticket of our own as its echo would be mapped, and keeps what was submitted in raw (RBI-06)', () => {
  const routing = { type: 'NONE', partners: [] as string[], rule: 'NO_PARTNER', trace: [] as string[] } as const
  const origin = { source: rbiInfo, tenant: 'plk-eu', observedAt: '2024-06-01T12:00:00.000Z' }
  expect(toRoutedTicket(data, origin, routing)).toMatchObject({
    externalId: 'own-1',
    tenant: 'plk-eu',
    routing,
    title: 'order / missing-item',
    vendor: { externalId: '1001', name: null },
    raw: data,
  })
})
