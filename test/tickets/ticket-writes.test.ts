import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { fingerprint } from '../../src/domain/fingerprint.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { SourceInfo } from '../../src/domain/source-info.ts'
import type { TicketPayload, TicketWrites } from '../../src/tickets/ticket-service.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
const target = { id, idempotencyKey: null }
const plainInfo = toSourceInfo('a')
const capable = (differences: Partial<SourceInfo['capabilities']>) =>
  toSourceInfo('a', { capabilities: { ...plainInfo.capabilities, ...differences } })

function withTicket(info = plainInfo, options: Parameters<typeof createMemorySource>[1] = {}) {
  const source = createMemorySource(info, options)
  source.put('x', { updatedAt: '2026-01-01T00:00:05.000Z' })
  const fixture = createService([source])
  return { source, ...fixture, writes: () => fixture.service.begin(toCall()).writes }
}

describe('a write that its source does not have', () => {
  const reply = (visibility: 'PUBLIC' | 'INTERNAL') => (writes: TicketWrites) => writes.reply(target, { body: 'x', visibility })
  it.each<[string, (writes: TicketWrites) => Promise<TicketPayload>, readonly string[] | null]>([
    ['create tickets', (writes) => writes.create({ source: 'a' }), null],
    ['update tickets', (writes) => writes.update(target, {}), null],
    ['reply to tickets', reply('PUBLIC'), null],
    ['keep a message internal', reply('INTERNAL'), ['input', 'visibility']],
    ['escalate tickets', (writes) => writes.escalate(target, {}), null],
    ['close tickets', (writes) => writes.close(target, {}), null],
    ['reopen tickets', (writes) => writes.reopen(target, {}), null],
    ['reassign tickets', (writes) => writes.reassign(target, { assignee: 'ann' }), null],
    ['transfer tickets', (writes) => writes.transfer(target, { queue: 'q' }), null],
    ['route tickets', (writes) => writes.route(target), null],
  ])('is refused with its name: %s', async (what, write, field) => {
    const { source, writes } = withTicket(toSourceInfo('a', { actions: [], canCreate: false }))
    const { outcome, userErrors } = await write(writes())
    expect(outcome).toBe('REJECTED')
    expect(userErrors).toEqual([{ code: 'NOT_SUPPORTED', message: `Memory a cannot ${what}.`, field }])
    expect(source.calls.write).toEqual([])
  })

  it('is refused where the source names the action without having it', async () => {
    const { closeTicket: _, routeTicket: __, ...source } = createMemorySource(toSourceInfo('a', { actions: ['CLOSE', 'ROUTE'] }))
    const { writes } = createService([source]).service.begin(toCall())
    expect((await writes.close(target, {})).userErrors[0]?.message).toBe('Memory a cannot close tickets.')
    expect((await writes.route(target)).userErrors[0]?.message).toBe('Memory a cannot route tickets.')
  })

  it('says that there is no such ticket or source', async () => {
    const { writes } = withTicket()
    expect(await writes().close({ ...target, id: 'nonsense' }, {})).toEqual({
      ticket: null,
      message: null,
      outcome: 'REJECTED',
      userErrors: [{ code: 'NOT_FOUND', message: 'There is no such ticket.', field: ['input', 'id'] }],
    })
    expect((await writes().create({ source: 'b' })).userErrors).toEqual([
      { code: 'NOT_FOUND', message: 'There is no such source.', field: ['input', 'source'] },
    ])
  })
})

describe('the condition `ifUpdatedAt` of an update', () => {
  const takes = { ...plainInfo.capabilities.takes, UPDATE: ['title'] as const }
  const later = '2026-01-01T00:00:05.001Z'
  const same = '2026-01-01T00:00:05.000Z'
  const earlier = '2026-01-01T00:00:04.999Z'

  it('costs no read of a source that takes it', async () => {
    const { source, writes } = withTicket()
    await writes().update(target, { title: 'New', ifUpdatedAt: same })
    expect(source.calls).toMatchObject({ load: [], write: [['updateTicket', ref, { title: 'New', ifUpdatedAt: same }]] })
  })

  it.each([same, later])(
    'is checked by the gateway for any other source, which is read past every cache (%s)',
    async (ifUpdatedAt) => {
      const costly = ['messages'] as const
      const { source, writes, changeLog } = withTicket(capable({ takes }), { lazyFields: costly, costlyFields: costly })
      const fresh: unknown[] = []
      const load = source.loadTickets
      source.loadTickets = (refs, call, wanted) => {
        fresh.push(call.fresh)
        return load(refs, call, wanted)
      }
      expect(await writes().update(target, { title: 'New', ifUpdatedAt })).toMatchObject({
        outcome: 'APPLIED',
        ticket: { title: 'New' },
      })
      expect(source.calls.write).toEqual([['updateTicket', ref, { title: 'New' }]])
      expect([source.loadedIds(), source.calls.wanted, fresh]).toEqual([[['x']], [[]], [true]])
      expect(changeLog[0]!.before).toMatchObject({ externalId: 'x', title: null })
    },
  )

  it.each<[string, (source: ReturnType<typeof createMemorySource>) => void, object]>([
    [
      'the ticket has changed since',
      () => {},
      { code: 'CONFLICT', message: 'The ticket has changed since you read it.', field: ['input', 'ifUpdatedAt'] },
    ],
    [
      'there is no such ticket',
      (source) => source.remove('x'),
      { code: 'NOT_FOUND', message: 'Memory a does not know this ticket.', field: ['input', 'id'] },
    ],
    [
      'the ticket cannot be read',
      (source) => void source.nextFailures.push(new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'a' })),
      { code: 'SOURCE_UNAVAILABLE', message: 'It is down.', retryable: true },
    ],
  ])('refuses the update where %s', async (_, set, userError) => {
    const { source, writes } = withTicket(capable({ takes }))
    set(source)
    const { outcome, userErrors } = await writes().update(target, { title: 'New', ifUpdatedAt: earlier })
    expect([outcome, userErrors]).toMatchObject(['REJECTED', [userError]])
    expect(source.calls.write).toEqual([])
  })

  it('is not asked of the source where there is none', async () => {
    const { source, writes } = withTicket(capable({ takes }))
    await writes().update(target, { title: 'New' })
    expect(source.calls).toMatchObject({ load: [], write: [['updateTicket', ref, { title: 'New' }]] })
  })
})

describe('the files of a write', () => {
  /** A source that takes uploads, of which `u1` was received. */
  async function withUpload() {
    const fixture = withTicket(capable({ attachments: 'UPLOAD' }), { methods: { uploadFile: async () => 'unused' } })
    const viewer = { id: 'anonymous', email: null, name: null }
    const file = { filename: 'a.png', contentType: 'image/png', size: 9, expiresAt: '2026-01-01T00:00:00.000Z' }
    await fixture.uploads.add({ id: 'u1', secretDigest: '', viewer, sourceKey: 'a', ticketId: null, ...file })
    await fixture.uploads.finish('u1', 'token-1')
    return fixture
  }
  const attachments = [{ filename: 'a.png', uploadId: 'u1' }]
  const sent = [{ filename: 'a.png', uploadId: 'token-1', contentType: 'image/png', size: 9 }]
  const reply = { body: 'See the file.', visibility: 'PUBLIC', attachments } as const

  it('that were uploaded go to the source by its own name of them, with a reply and with a new ticket', async () => {
    const { source, writes } = await withUpload()
    expect((await writes().reply(target, reply)).outcome).toBe('APPLIED')
    expect((await writes().create({ source: 'a', title: 'Help', attachments })).outcome).toBe('APPLIED')
    expect(source.calls.write).toEqual([
      ['replyToTicket', ref, { ...reply, attachments: sent }],
      ['createTicket', { source: 'a', title: 'Help', attachments: sent }],
    ])
  })

  it('that are not finished uploads refuse the write', async () => {
    const { source, writes } = await withUpload()
    const unknown = [{ filename: 'a.png', uploadId: 'u2' }]
    for (const payload of [
      await writes().reply(target, { ...reply, attachments: unknown }),
      await writes().create({ source: 'a', title: 'Help', attachments: unknown }),
    ]) {
      expect(payload).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'INVALID', field: ['input', 'attachments', '0', 'uploadId'] }],
      })
    }
    expect(source.calls.write).toEqual([])
  })
})

describe('the input that an idempotency key belongs to', () => {
  /** The mutation and the fingerprint of the only claim. */
  async function claimOf(write: (writes: TicketWrites) => Promise<TicketPayload>) {
    const { writes, idempotency } = withTicket()
    await write(writes())
    const { mutation, fingerprint: print } = [...idempotency.rows.values()][0]!.claim
    return [mutation, print]
  }
  const keyed = { id, idempotencyKey: 'k' }
  const printOf = (input: object) => fingerprint({ source: 'a', input })

  it('is the id and the fields, without the key', async () => {
    const escalation = { department: 'partners' }
    expect(await claimOf((writes) => writes.escalate(keyed, escalation))).toEqual([
      'ESCALATE',
      printOf({ id, input: escalation }),
    ])
    expect(await claimOf((writes) => writes.create({ source: 'a', title: 'Help', idempotencyKey: 'k' }))).toEqual([
      'CREATE',
      printOf({ source: 'a', title: 'Help' }),
    ])
  })
})
