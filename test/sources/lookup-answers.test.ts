import { describe, expect, it } from 'vitest'
import type { Answer, HttpClient, ReadRequest } from '../../src/sources/http-client/types.ts'
import { createInstallationTables, lookUp, lookUpIfAny } from '../../src/sources/installation-tables.ts'
import { someCall } from '../support/call.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk', { label: 'Desk' })

/** A vendor that gives this answer to each look-up. */
function start(status: number, body: unknown = { name: 'open' }) {
  const requests: { readonly operation: string; readonly path: string }[] = []
  const upstream = {
    async read<T>({ operation, path, toResult }: ReadRequest<T>): Promise<T> {
      requests.push({ operation, path })
      return toResult({ status, body, readable: true } satisfies Answer)
    },
  } as Partial<HttpClient> as HttpClient
  const decode = (value: unknown) => (value as { name?: string }).name ?? null
  const outcomeOf = (found: Promise<string | null>) => found.catch((error: unknown) => error)
  return {
    requests,
    one: () => outcomeOf(lookUp({ info, upstream }, '/statuses', decode, someCall())),
    any: () => outcomeOf((async () => lookUpIfAny({ info, upstream }, '/statuses', decode, someCall()))()),
  }
}

describe('a look-up', () => {
  it('is the decoded answer', async () => {
    const { one, any, requests } = start(200)
    expect([await one(), await any()]).toEqual(['open', 'open'])
    expect(requests[0]).toEqual({ operation: 'lookup', path: '/statuses' })
  })

  it.each([403, 404])('that is answered with %i is FORBIDDEN, or nothing where there may be none', async (status) => {
    const { one, any } = start(status)
    expect(await one()).toMatchObject({ code: 'FORBIDDEN', message: 'Desk does not let you read this.' })
    expect(await any()).toBeNull()
  })

  it.each([400, 422])('that is refused with %i is UPSTREAM_REJECTED', async (status) => {
    const { one, any } = start(status)
    const error = { code: 'UPSTREAM_REJECTED', message: `Desk did not accept the request (HTTP ${status}).` }
    expect(await one()).toMatchObject(error)
    expect(await any()).toMatchObject(error)
  })

  it('in which nothing is found is UPSTREAM_BAD_RESPONSE', async () => {
    const { one, any } = start(200, {})
    expect(await one()).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', source: 'desk' })
    expect(await any()).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('the tables of many viewers', () => {
  it('are 2,000: the one that was read longest ago is dropped first', async () => {
    const all = createInstallationTables({ loginOf: ({ id }) => id, clock: () => 0 })
    const loads: string[] = []
    const read = (viewerId: string) =>
      all.read('statuses', someCall({ viewerId }), async () => {
        loads.push(viewerId)
        return viewerId
      })
    for (let viewer = 0; viewer < 2_000; viewer++) await read(`v${viewer}`)
    await read('v0')
    expect(loads).toHaveLength(2_000)
    await read('v2000')
    await read('v1')
    expect(loads.slice(2_000)).toEqual(['v2000'])
    await read('v0')
    expect(loads.slice(2_000)).toEqual(['v2000', 'v0'])
  })
})
