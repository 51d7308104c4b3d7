import { describe, expect, it } from 'vitest'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'
import { everyField } from '../../support/memory-ticket.ts'

describe('Ticket.actions', () => {
  it('lists what the source and the viewer’s rights allow', async () => {
    const query = `{ ticket(id: "${ids.ticket}") { actions { action allowed reason fields } } }`
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(query)
    expect(data!.ticket).toEqual({
      actions: ['UPDATE', 'REPLY', 'NOTE', 'ESCALATE', 'CLOSE', 'REOPEN', 'REASSIGN', 'TRANSFER'].map((action) => ({
        action,
        // The ticket is open.
        allowed: action !== 'REOPEN',
        reason: action === 'REOPEN' ? 'WRONG_STATE' : null,
        fields: action === 'UPDATE' ? everyField.UPDATE?.filter((field) => field !== 'ifUpdatedAt') : [],
      })),
    })
    const reader = await graph.ask(query, { scopes: ['tickets:read', 'source:*'] })
    const { actions } = reader.data!.ticket as { actions: { reason: string }[] }
    expect(new Set(actions.map((action) => action.reason))).toEqual(new Set(['FORBIDDEN']))
  })
})
