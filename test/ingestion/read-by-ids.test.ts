import { describe, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { readByIds } from '../../src/ingestion/observed-changes.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

describe('tickets that are read by their ids', () => {
  const refOf = (externalId: string): EntityRef => ({ kind: 'ticket', sourceKey: 'desk', tenant: '', externalId })
  const deskWith = (methods: MemorySourceOptions['methods'] = {}) => {
    const desk = createMemorySource('desk', { methods })
    for (const id of ['a', 'b', 'c']) desk.put(id)
    return desk
  }
  const readIds = async (desk: ReturnType<typeof deskWith>, ids: readonly string[]) =>
    (await readByIds(desk, ids.map(refOf), someCall())).map((ticket) =>
      ticket instanceof DeskgraphError ? ticket.code : (ticket?.externalId ?? null),
    )

  test('are in the order of the references, and wanted without costly fields', async () => {
    const desk = deskWith()
    expect(await readIds(desk, ['c', 'unknown', 'a'])).toEqual(['c', null, 'a'])
    expect(desk.calls.wanted).toEqual([[]])
  })

  test('come from lists where the source has such a call, and only those that it lacks are read singly', async () => {
    const asked: string[][] = []
    const listed = toTicket(toSourceInfo('desk'), 'b')
    const desk = deskWith({
      async loadSummaries(refs) {
        asked.push(refs.map(({ externalId }) => externalId))
        return refs.map(({ externalId }) => (externalId === 'b' ? listed : null))
      },
    })
    expect(await readIds(desk, ['a', 'b', 'unknown', 'c'])).toEqual(['a', 'b', null, 'c'])
    expect(asked).toEqual([['a', 'b', 'unknown', 'c']])
    expect(desk.loadedIds()).toEqual([['a', 'unknown', 'c']])
    expect(await readIds(desk, ['b'])).toEqual(['b'])
    expect(desk.loadedIds()).toHaveLength(1)
  })

  test('that cannot be read are errors in their places', async () => {
    const fault = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    const desk = deskWith({
      loadTickets: async (refs) =>
        refs.map(({ externalId }) => (externalId === 'b' ? fault : toTicket(toSourceInfo('desk'), externalId))),
    })
    expect(await readIds(desk, ['a', 'b'])).toEqual(['a', 'UPSTREAM_UNAVAILABLE'])
  })

  test('that are none need no call', async () => {
    const desk = deskWith()
    expect(await readIds(desk, [])).toEqual([])
    expect(desk.calls.load).toEqual([])
  })
})
