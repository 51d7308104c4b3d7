import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import type { CountKey, TicketFilter } from '../../../src/sources/source.ts'
import { maxCallsPerCount } from '../../../src/sources/verifik/capabilities.ts'
import { someCall } from '../../support/call.ts'
import { json, startVendor, type VendorCall } from '../../support/vendor.ts'
import { verifikAt } from './verifik-fixture.ts'

/** A Verifik whose list has `total` tickets for a query. */
async function counting(total: (query: URLSearchParams, call: VendorCall) => number | object) {
  const vendor = await startVendor((call, res) => {
    const query = new URL(call.path, 'http://vendor').searchParams
    const given = total(query, call)
    if (typeof given === 'object') json(res, given)
    else json(res, { success: true, data: [], pagination: { page: 1, limit: 1, total: given, pages: given } })
  })
  const source = verifikAt(vendor.url)
  const count = (by: CountKey, filter: TicketFilter = {}) => source.countTickets!({ by, filter }, someCall())
  return { vendor, count }
}

const exact = (key: string | null, count: number) => ({ key, label: null, count, exact: true })

describe('counting in Verifik', () => {
  it('reads the total of a page of one ticket', async () => {
    const { vendor, count } = await counting(() => 5)
    expect(await count('SOURCE', { status: ['OPEN'], category: ['billing & more'] })).toEqual({
      total: 5,
      groups: [],
      complete: true,
    })
    expect(await count('CHANNEL')).toEqual({ total: 5, groups: [exact('WEB', 5)], complete: true })
    expect(vendor.lines()).toEqual([
      'GET /v2/support-tickets?page=1&limit=1&status=open&category=billing+%26+more',
      'GET /v2/support-tickets?page=1&limit=1',
    ])
  })

  it('VERIFIK-10: uses `counts` where there is no filter alone, because they ignore it; words without a meaning are UNKNOWN', async () => {
    const counts = { open: 3, pending: 0, in_progress: 2, progress: 1, reopened: 1 }
    const body = { success: true, data: [], pagination: { page: 1, limit: 1, total: 9, pages: 9 }, counts }
    const { vendor, count } = await counting((query) => (query.has('countByStatus') ? body : 1))
    expect(await count('STATUS')).toEqual({
      total: 9,
      // Two tickets have a word that `counts` leave out.
      groups: [exact('OPEN', 3), exact('PENDING', 0), exact('IN_PROGRESS', 3), exact('UNKNOWN', 3)],
      complete: true,
    })
    expect(vendor.lines()).toEqual(['GET /v2/support-tickets?page=1&limit=1&countByStatus=true'])
    expect(await count('STATUS', { priority: ['LOW'] })).toMatchObject({ total: 1, complete: true })
    expect(
      vendor
        .lines()
        .slice(1)
        .every((line) => line.includes('priority=low') && !line.includes('countByStatus')),
    ).toBe(true)
  })

  it('asks once for each word where the answer has no `counts`', async () => {
    const { vendor, count } = await counting((query) => (query.has('status') ? 1 : 8))
    const tally = await count('STATUS')
    expect(tally?.groups).toEqual(expect.arrayContaining([exact('IN_PROGRESS', 2), exact('OPEN', 1), exact('UNKNOWN', 1)]))
    expect(vendor.calls).toHaveLength(9)
  })

  it('asks once for each combination of several values, with every word of a value', async () => {
    const { vendor, count } = await counting(() => 2)
    expect(await count('SOURCE', { status: ['IN_PROGRESS'], priority: ['LOW', 'HIGH'] })).toMatchObject({ total: 8 })
    const asked = vendor.lines().map((line) => line.slice(line.indexOf('&status')))
    expect(asked.sort()).toEqual([
      '&status=in_progress&priority=high',
      '&status=in_progress&priority=low',
      '&status=progress&priority=high',
      '&status=progress&priority=low',
    ])
  })

  it('counts none, without a call, of a status that it never has', async () => {
    const { vendor, count } = await counting(() => 9)
    for (const by of ['SOURCE', 'STATUS', 'PRIORITY', 'CHANNEL'] as const) {
      const tally = await count(by, { status: ['NEW'] })
      expect([tally?.total, tally?.complete, tally?.groups.every((group) => group.count === 0)]).toEqual([0, true, true])
    }
    expect(vendor.calls).toEqual([])
  })

  it('does not tell a ticket with an unknown priority from one without', async () => {
    const { count } = await counting((query) => (query.has('priority') ? 2 : 9))
    expect(await count('PRIORITY')).toMatchObject({
      total: 9,
      groups: [
        ...['LOW', 'MEDIUM', 'HIGH', 'URGENT'].map((key) => exact(key, 2)),
        { key: 'UNKNOWN', count: 1, exact: false },
        { key: null, count: 0, exact: false },
      ],
      complete: true,
    })
  })

  it('is not exact when tickets changed between its calls', async () => {
    const { count } = await counting((query) => (query.has('priority') ? 3 : 9))
    const tally = await count('PRIORITY', { category: ['billing'] })
    expect(tally?.groups).toContainEqual({ key: 'LOW', label: null, count: 3, exact: false })
  })

  it.each<[string, TicketFilter]>([
    ['another condition', { tags: ['vip'] }],
    ['a status whose words are not known', { status: ['UNKNOWN'] }],
    ['more combinations than it may ask for', { category: Array.from({ length: 17 }, (_, n) => `category ${n}`) }],
  ])('cannot count, and makes no call, with %s', async (_, filter) => {
    const { vendor, count } = await counting(() => 1)
    for (const by of ['SOURCE', 'STATUS', 'PRIORITY'] as const) expect(await count(by, filter)).toBeNull()
    expect(vendor.calls).toEqual([])
  })

  it('says no number where the answer has no total, and 0 for the 404 of an empty legacy list', async () => {
    const untold = await counting(() => ({ success: true, data: [{ _id: 't_1' }] }))
    expect(await untold.count('SOURCE')).toMatchObject({ total: null, complete: false })
    expect(await untold.count('PRIORITY')).toMatchObject({ total: null, groups: [], complete: false })
    const vendor = await startVendor((_, res) => json(res, { error: 'No support tickets found', message: 'not_found' }, 404))
    expect(await verifikAt(vendor.url).countTickets!({ by: 'SOURCE', filter: {} }, someCall())).toMatchObject({ total: 0 })
  })

  it('fails where the list is switched off, and where the answer is not a page', async () => {
    const vendor = await startVendor((_, res) => json(res, { success: true, data: 'none' }))
    const request = { by: 'SOURCE', filter: {} } as const
    await expect(verifikAt(vendor.url).countTickets!(request, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      source: 'verifik',
    })
    const off = verifikAt(vendor.url, { capabilities: { list: false } })
    await expect(off.countTickets!(request, someCall())).rejects.toMatchObject({ code: 'UPSTREAM_NOT_SUPPORTED' })
  })
})

describe('counting in the simulated Verifik', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await createSandbox({ counts: { oneview: 1, verifik: 200, vcc: 1, wasabi: 1, rbi: 1 } })
  })
  afterAll(() => sandbox.close())
  beforeEach(() => sandbox.verifik.resetCalls())

  const filters: readonly TicketFilter[] = [
    {},
    { status: ['OPEN'] },
    { status: ['OPEN', 'IN_PROGRESS'] },
    { priority: ['HIGH'] },
    { priority: ['LOW', 'HIGH'], category: ['technical'] },
    { status: ['OPEN', 'IN_PROGRESS', 'CLOSED'], priority: ['LOW', 'HIGH', 'URGENT'] },
  ]
  it.each(filters)('DECISION-37 never needs more calls than its capabilities declare: %j', async (filter) => {
    const source = verifikAt(sandbox.verifik.url, { token: sandbox.verifik.token })
    for (const by of source.info.capabilities.countsBy) {
      sandbox.verifik.resetCalls()
      await source.countTickets!({ by, filter }, someCall())
      const calls = Object.values(sandbox.verifik.calls()).reduce((sum, count) => sum + count, 0)
      expect(calls).toBeLessThanOrEqual(maxCallsPerCount)
    }
    expect(source.info.capabilities.callsPerCount).toBe(maxCallsPerCount)
  })
})
