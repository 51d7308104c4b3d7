import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { commonTicketFields } from '../../src/sources/source.ts'
import {
  bindMethods,
  deskOperations,
  deskUpdate,
  offeredMethods,
  type SourceTable,
  toSourceInfo,
  toUpdatableFields,
} from '../../src/sources/source-table.ts'

const table: SourceTable = {
  fields: ['tags', 'threads'],
  operations: ['CREATE', 'UPDATE', 'NOTE', 'REASSIGN', 'agents'],
  takes: { UPDATE: ['title', 'ifUpdatedAt', 'tags'] },
  notes: 'VERIFIED',
  attachments: 'URL',
  live: 'POLLING',
  counts: { by: ['STATUS'], callsPerCount: 2 },
  filters: ['STATUS', 'TAGS'],
}
const source = { key: 'desk', system: 'acme', label: 'Desk', mode: 'PULL' } as const

describe('the description of a source', () => {
  it('follows from the table of its system', () => {
    expect(toSourceInfo(source, table)).toEqual({
      ...source,
      id: encodeId('source', 'desk', '', 'desk'),
      actions: ['UPDATE', 'NOTE', 'REASSIGN'],
      canCreate: true,
      filters: ['SOURCES', 'STATUS', 'TAGS', 'IDS'],
      capabilities: {
        reads: [...commonTicketFields, 'tags', 'threads'],
        writes: ['UPDATE', 'NOTE', 'REASSIGN'],
        takes: { UPDATE: ['title', 'ifUpdatedAt', 'tags'] },
        updatableFields: ['title', 'tags'],
        lookups: ['agents'],
        notes: 'VERIFIED',
        attachments: 'URL',
        counts: true,
        countsBy: ['STATUS'],
        callsPerCount: 2,
        live: 'POLLING',
      },
    })
  })

  it('leaves out what the configuration switches off', () => {
    const switches = { CREATE: false, UPDATE: false, NOTE: true, agents: false }
    expect(toSourceInfo({ ...source, switches }, table)).toMatchObject({
      actions: ['NOTE', 'REASSIGN'],
      canCreate: false,
      capabilities: { writes: ['NOTE', 'REASSIGN'], updatableFields: [], lookups: [] },
    })
  })

  it('says that a source does not count where its table says so', () => {
    expect(toSourceInfo(source, { ...table, counts: null }).capabilities).toMatchObject({
      counts: false,
      countsBy: [],
      callsPerCount: 0,
    })
  })

  it('names no condition of an update as a field that can be updated', () => {
    expect(toUpdatableFields({})).toEqual([])
    expect(toUpdatableFields({ UPDATE: ['ifUpdatedAt'] })).toEqual([])
  })

  it('of a desk has what agents do at every desk', () => {
    expect(deskOperations).toEqual(['CREATE', 'UPDATE', 'REPLY', 'NOTE', 'CLOSE', 'REOPEN', 'REASSIGN'])
    expect(deskUpdate).toEqual([
      ...['title', 'priority', 'status', 'statusOption', 'tags', 'addTags', 'removeTags', 'customFields'],
    ])
  })
})

describe('the methods of a source', () => {
  const methods = Object.fromEntries(
    ['createTicket', 'updateTicket', 'replyToTicket', 'closeTicket', 'reassignTicket', 'agents', 'contactReasons'].map((name) => [
      name,
      () => Promise.resolve(null),
    ]),
  )
  const namesOf = (switches: object) =>
    Object.keys(offeredMethods(toSourceInfo({ ...source, switches } as never, table), methods as never)).toSorted()

  it('are those of its actions and look-ups, and for a new ticket', () => {
    expect(namesOf({})).toEqual(['agents', 'createTicket', 'reassignTicket', 'replyToTicket', 'updateTicket'])
  })

  it('are not those that the configuration switches off', () => {
    expect(namesOf({ CREATE: false, NOTE: false, agents: false })).toEqual(['reassignTicket', 'updateTicket'])
  })

  it('are functions of the api, bound to it', () => {
    const bound = bindMethods(
      { base: 40 },
      {
        add: (api: { base: number }, more: number, other: number) => api.base + more + other,
        get: (api: { base: number }) => api.base,
      },
    )
    expect([bound.add(1, 1), bound.get()]).toEqual([42, 40])
  })
})
