import type { ExecutionResult } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Change, TicketEvent } from '../../../src/domain/events.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import type { ThreadMessage, Ticket } from '../../../src/domain/ticket.ts'
import { TicketChangedDocument } from '../../generated/graphql.ts'
import type { AskOptions } from '../../support/graph/graph.ts'
import { createGraphFixture, ids, oneview, routedTicket, theTicket } from '../../support/graph/graph-fixture.ts'
import { ticket } from '../../support/graph/tickets.ts'

function change(after: Ticket, before: Ticket | null = null, more: Partial<Change> = {}): Omit<Change, 'cursor'> {
  const event = {
    id: 'e',
    kind: 'UPDATED',
    at: '2026-01-01T00:00:00.000Z',
    actor: null,
    summary: 'Changed',
    changes: [],
  } as const
  return { kind: 'UPDATED', ticket: after, before, event, gap: false, ...more }
}

async function listen(options: AskOptions = {}) {
  const fixture = createGraphFixture()
  const { stream, errors } = await fixture.graph.listen(TicketChangedDocument, options)
  const next = async () => {
    const { value, done } = (await stream!.next()) as IteratorResult<ExecutionResult>
    return done
      ? 'ended'
      : (value.data?.ticketChanged as { ticket: { externalId: string }; cursor: string; gap: boolean; kind: string })
  }
  return { ...fixture, stream, errors, next }
}

describe('Subscription.ticketChanged', () => {
  it('sends every change with its ticket, event and cursor', async () => {
    const { next, push } = await listen()
    const first = next()
    push(change(theTicket))
    expect(await first).toEqual({
      cursor: '0',
      kind: 'UPDATED',
      gap: false,
      matches: true,
      message: null,
      event: { id: 'e', summary: 'Changed' },
      ticket: { id: ids.ticket, externalId: 't1', status: 'OPEN' },
    })
  })

  it('rejects a filter with an empty text', async () => {
    const { errors } = await listen({ variables: { filter: { tags: ['vip', ''] } } })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('resumes after a cursor', async () => {
    const { next, push } = await listen({ variables: { after: '0' } })
    push(change(theTicket))
    push(change(routedTicket))
    expect(await next()).toMatchObject({ cursor: '1', ticket: { externalId: 'r1' } })
  })

  it('resumes where an event stream ended rather than after its argument (LIVE-02)', async () => {
    const { next, push } = await listen({ variables: { after: '0' }, resumeAfter: '1' })
    for (const externalId of ['a', 'b', 'c']) push(change({ ...theTicket, externalId }))
    expect(await next()).toMatchObject({ cursor: '2', ticket: { externalId: 'c' } })
  })

  it('sends a change when the ticket matched the filter before or after it, and no other', async () => {
    const { next, push } = await listen({ variables: { filter: { status: ['OPEN'], sources: ['oneview'] } } })
    const closed = { ...theTicket, status: 'CLOSED' as const }
    const first = next()
    push(change({ ...closed, externalId: 'never' }, { ...closed, externalId: 'never' }))
    push(change({ ...routedTicket, externalId: 'elsewhere' }))
    push(change({ ...closed, externalId: 'left' }, theTicket))
    push(change({ ...theTicket, externalId: 'came' }, closed))
    expect(await first).toMatchObject({ ticket: { externalId: 'left' }, matches: false })
    expect(await next()).toMatchObject({ ticket: { externalId: 'came' }, matches: true })
  })

  it('sends the changes of named tickets, and says of a deleted one that it matches no more', async () => {
    const { next, push } = await listen({ variables: { filter: { ids: [ids.ticket] } } })
    const first = next()
    push(change(routedTicket))
    push(change(theTicket))
    push(change({ ...theTicket, deletedAt: '2026-01-01T00:00:00.000Z' }, theTicket, { kind: 'DELETED' }))
    expect(await first).toMatchObject({ ticket: { externalId: 't1' }, matches: true })
    expect(await next()).toMatchObject({ kind: 'DELETED', matches: false })
  })

  describe('DECISION-35: the message of a change', () => {
    const [question, answer] = theTicket.messages! as [ThreadMessage, ThreadMessage]
    const eventWith = (changes: TicketEvent['changes']) => ({ ...change(theTicket).event, changes })

    it('is the one that came, of several the newest, for every kind of change', async () => {
      const { next, push } = await listen()
      const first = next()
      push(change(theTicket, { ...theTicket, messages: [question] }, { kind: 'MESSAGE' }))
      push(change(theTicket, { ...theTicket, messages: [] }, { kind: 'STATUS_CHANGED' }))
      push(change({ ...theTicket, messages: [question] }, { ...theTicket, messages: [question] }, { kind: 'MESSAGE' }))
      expect(await first).toMatchObject({ message: { id: answer.id, body: 'On its way.' } })
      expect(await next()).toMatchObject({ message: { id: answer.id } })
      expect(await next()).toMatchObject({ message: null })
    })

    it('is null where the messages before are not known: the newest may be an old one', async () => {
      const { next, push } = await listen()
      const first = next()
      push(change(theTicket, null, { kind: 'MESSAGE' }))
      push(change(theTicket, { ...theTicket, messages: null }, { kind: 'MESSAGE' }))
      push(change(theTicket, null, { kind: 'MESSAGE', event: eventWith(null) }))
      expect(await first).toMatchObject({ message: null })
      expect(await next()).toMatchObject({ message: null })
      expect(await next()).toMatchObject({ message: null })
    })

    it('is what a write of this gateway wrote, also where it is not the newest', async () => {
      const { next, push } = await listen()
      const first = next()
      const event = eventWith([{ field: 'message', before: null, after: question.id }])
      push(change(theTicket, null, { kind: 'MESSAGE', event }))
      expect(await first).toMatchObject({ message: { id: question.id } })
    })
  })

  it('sends a change when the ticket before it is not known, because it may have matched, but no creation', async () => {
    const { next, push } = await listen({ variables: { filter: { status: ['OPEN'], sources: ['oneview'] } } })
    const closed = { ...theTicket, status: 'CLOSED' as const }
    const first = next()
    push(change({ ...routedTicket, externalId: 'elsewhere' }))
    push(change({ ...closed, externalId: 'created' }, null, { kind: 'CREATED' }))
    push(change({ ...closed, externalId: 'written' }, null, { kind: 'CLOSED' }))
    expect(await first).toMatchObject({ ticket: { externalId: 'written' } })
  })

  it('sends only changes of sources that the viewer may see', async () => {
    const { next, push } = await listen({ scopes: ['tickets:read', 'source:rbi'] })
    const first = next()
    push(change(theTicket))
    push(change(routedTicket))
    expect(await first).toMatchObject({ ticket: { externalId: 'r1' } })
  })

  it('reports a gap even when the change that carries it is not sent', async () => {
    const { next, push } = await listen({ variables: { filter: { sources: ['rbi'] } } })
    const first = next()
    push(change(theTicket, null, { gap: true }))
    push(change(routedTicket))
    push(change(routedTicket))
    expect(await first).toMatchObject({ gap: true })
    expect(await next()).toMatchObject({ gap: false })
  })

  it('checks the viewer’s rights before every change and ends without them', async () => {
    let viewer: typeof anonymous | null = anonymous
    const { next, push, changes } = await listen({ currentViewer: () => viewer })
    const first = next()
    push(change(theTicket))
    expect(await first).toMatchObject({ ticket: { externalId: 't1' } })
    viewer = null
    const second = next()
    push(change(theTicket))
    expect(await second).toBe('ended')
    expect(changes.subscriberCount()).toBe(0)
  })

  it('ends when the client leaves while it waits, and unsubscribes from the change stream', async () => {
    const { stream, next, changes } = await listen()
    const waiting = next()
    await Promise.resolve()
    expect(changes.subscriberCount()).toBe(1)
    await stream!.return(undefined)
    expect(await waiting).toBe('ended')
    expect(changes.subscriberCount()).toBe(0)
  })

  it('ends when its signal aborts, as at the expiry of the token', async () => {
    const expiry = new AbortController()
    const { next, changes } = await listen({ signal: expiry.signal })
    const waiting = next()
    await Promise.resolve()
    expiry.abort()
    expect(await waiting).toBe('ended')
    expect(changes.subscriberCount()).toBe(0)
  })

  it('reads linked tickets again for each change', async () => {
    const { graph, push, sources } = createGraphFixture()
    const link = { system: 'ONEVIEW', externalId: 't1', category: null, reason: null, creator: null, createdAt: null, url: null }
    const linking = ticket(oneview, 'x', { links: [{ kind: 'CHILD', ...link, ticketId: ids.ticket }] })
    const { stream } = await graph.listen('subscription { ticketChanged { ticket { links { ticket { title } } } } }')
    for (let round = 1; round <= 2; round++) {
      const next = stream!.next()
      push(change(linking))
      await next
      expect(sources.oneview.loadedIds()).toHaveLength(round)
    }
  })

  it('rejects a filter that the viewer may not use before it starts', async () => {
    const { errors } = await listen({
      scopes: ['tickets:read', 'source:*'],
      variables: { filter: { customerEmail: 'a@example.com' } },
    })
    expect(errors![0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    const unknown = await listen({ variables: { filter: { sources: ['nope'] } } })
    expect(unknown.errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  })
})
