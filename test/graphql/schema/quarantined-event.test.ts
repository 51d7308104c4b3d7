import { describe, expect, it } from 'vitest'
import {
  DiscardQuarantinedDocument,
  QuarantineDocument,
  ReplayAllQuarantinedDocument,
  ReplayQuarantinedDocument,
} from '../../generated/graphql.ts'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'

describe('quarantine', () => {
  it('lists the events of a source with their problem and body', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(QuarantineDocument, { variables: { source: 'vcc' } })
    expect(data!.quarantine).toMatchObject({
      nodes: [
        {
          id: ids.deadLetter,
          source: { key: 'vcc' },
          problem: 'ticket.ticketId is missing',
          body: { ticket: { contact: 'ann.lee@example.com' } },
          state: 'HELD',
        },
      ],
    })
    const other = await graph.ask(QuarantineDocument, { variables: { source: 'rbi' } })
    expect(other.data!.quarantine).toMatchObject({ nodes: [] })
    const unknown = await graph.ask(QuarantineDocument, { variables: { source: 'nope' } })
    expect(unknown.errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
  })

  it('replays and discards', async () => {
    const { graph } = createGraphFixture()
    const replayed = await graph.ask(ReplayQuarantinedDocument, { variables: { id: ids.deadLetter } })
    expect(replayed.data!.replayQuarantined).toMatchObject({ id: ids.deadLetter, state: 'REPLAYED' })
    const discarded = await graph.ask(DiscardQuarantinedDocument, { variables: { id: ids.deadLetter, reason: 'test data' } })
    expect(discarded.data!.discardQuarantined).toEqual({ id: ids.deadLetter, state: 'DISCARDED' })
  })

  it('WEBHOOK-23 replays all of a source; an unknown source is data', async () => {
    const { graph } = createGraphFixture()
    const replay = async (source: string) =>
      (await graph.ask(ReplayAllQuarantinedDocument, { variables: { source } })).data!.replayAllQuarantined
    expect(await replay('vcc')).toEqual({ done: 1, failed: 0, userErrors: [] })
    expect(await replay('vcc')).toEqual({ done: 0, failed: 0, userErrors: [] })
    expect(await replay('nope')).toMatchObject({ done: 0, userErrors: [{ code: 'NOT_FOUND', field: ['source'] }] })
  })
})
