import { describe, expect, it } from 'vitest'
import type { ListRequest } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { freshdeskAt, freshdeskRef } from './freshdesk-fixture.ts'

const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 3 }

describe('a ticket of Freshdesk', () => {
  it('has its id and its record, and no field that is not mapped yet', async () => {
    const vendor = await startVendor((_, res) => json(res, { id: 'a 1', subject: 'Not mapped' }))
    const [ticket] = await freshdeskAt(vendor.url).loadTickets([freshdeskRef('a 1')], someCall())
    expect(ticket).toMatchObject({ externalId: 'a 1', status: 'UNKNOWN', title: null, raw: { id: 'a 1', subject: 'Not mapped' } })
    expect(vendor.lines()).toEqual(['GET /tickets/a%201'])
  })

  it('is null where the answer is 404 or 403, and an error where it is another ticket', async () => {
    const load = async (status: number, id: string) => {
      const vendor = await startVendor((_, res) => json(res, { id }, status))
      return (await freshdeskAt(vendor.url).loadTickets([freshdeskRef('1')], someCall()))[0]
    }
    expect([await load(404, '1'), await load(403, '1')]).toEqual([null, null])
    expect(await load(200, '2')).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('a list of Freshdesk', () => {
  it('counts what cannot be decoded, and keeps the positions of the others', async () => {
    const metrics = countingMetrics()
    const vendor = await startVendor((_, res) => json(res, { tickets: [{ id: 1 }, { id: '..' }, { id: '3' }], total: 7 }))
    const slice = await freshdeskAt(vendor.url, metrics).listTickets(request, someCall())
    expect(slice).toMatchObject({ positions: ['1', '3'], end: false, totalCount: 7, dropped: 1 })
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(['1', '3'])
    expect(metrics.total('dropped_records_total', { source: 'freshdesk' })).toBe(1)
    expect(vendor.lines()).toEqual(['GET /tickets?page=1&limit=3'])
  })
})
