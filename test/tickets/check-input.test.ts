import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { fingerprint } from '../../src/domain/fingerprint.ts'
import { encodeId } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { type CreateTicket, rejected } from '../../src/domain/writes.ts'
import { sourcePlugins } from '../../src/sources/registry.ts'
import type { SourceInfo, WriteName } from '../../src/sources/source.ts'
import { toSourceInfo as toRealInfo } from '../../src/sources/source-table.ts'
import { checkCreate, findUnsupported } from '../../src/tickets/check-input.ts'
import type { TicketPayload } from '../../src/tickets/ticket-service.ts'
import { createMemorySource, type MemorySource } from '../support/memory-source.ts'
import { everyField, toSourceInfo } from '../support/memory-ticket.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const id = encodeId('ticket', 'a', '', 'x')
const writesOf = (source: MemorySource) => createService([source]).service.begin(toCall()).writes
const errorsOf = ({ userErrors }: TicketPayload) => userErrors.map(({ code, field }) => [code, field?.join('.')])

function withTicket(known: Partial<Ticket> = {}, info: Partial<SourceInfo> = {}) {
  const source = createMemorySource('a', { info })
  source.put('x', known)
  return { source, writes: writesOf(source), ticket: () => source.tickets().find(({ externalId }) => externalId === 'x')! }
}

/** The capabilities of a source with these differences. */
function capabilities(differences: Partial<SourceInfo['capabilities']>): Partial<SourceInfo> {
  return { capabilities: { ...toSourceInfo('a').capabilities, ...differences } }
}

describe('a field that a source does not take', () => {
  /** A value of each field that is set. */
  const values: Record<string, unknown> = {
    unassign: true,
    format: 'HTML',
    tags: ['t'],
    addTags: ['t'],
    removeTags: ['t'],
    customFields: [{ key: 'k', value: 1 }],
    attachments: [{ filename: 'f', url: 'https://files.example/f' }],
  }

  it.each(sourcePlugins.map(({ system, table }) => [system, table] as const))(
    'of %s is NOT_SUPPORTED in every write',
    (system, table) => {
      const info = toRealInfo({ key: 'k', system, label: 'The Source', mode: 'PULL' }, table)
      for (const [write, fields] of Object.entries(everyField) as [WriteName, readonly string[]][]) {
        const input = Object.fromEntries(fields.map((field) => [field, values[field] ?? 'x']))
        const taken: readonly string[] = table.takes[write] ?? []
        const refused = fields.filter((field) => !taken.includes(field) && field !== 'ifUpdatedAt')
        expect(findUnsupported(info, write, input)).toEqual(
          refused.map((field) => ({
            code: 'NOT_SUPPORTED',
            message: `The Source does not take \`${field}\` here.`,
            field: ['input', field],
          })),
        )
      }
    },
  )

  it('is refused before the source is called, with every other problem of the input', async () => {
    const { source, writes } = withTicket({}, capabilities({ takes: { UPDATE: ['title', 'status', 'statusOption'] } }))
    const input = { title: 'x', tags: ['a'], addTags: ['b'], status: 'OPEN', statusOption: 's' } as const
    expect(errorsOf(await writes.update({ id, idempotencyKey: null }, input))).toEqual([
      ['NOT_SUPPORTED', 'input.tags'],
      ['NOT_SUPPORTED', 'input.addTags'],
      ['INVALID', 'input.tags'],
      ['INVALID', 'input.statusOption'],
    ])
    expect(source.calls.write).toEqual([])
  })

  it('may be absent, null, false or empty, and plain text is a format of every source', () => {
    const info = toSourceInfo('a', capabilities({ takes: {} }))
    expect(findUnsupported(info, 'CREATE', { source: 'a', title: '', tags: [], market: null, idempotencyKey: 'k' })).toEqual([])
    expect(findUnsupported(info, 'REPLY', { body: 'x', visibility: 'PUBLIC', format: 'TEXT', attachments: [] })).toEqual([])
    expect(findUnsupported(info, 'REASSIGN', { unassign: false, group: null })).toEqual([])
    expect(findUnsupported(info, 'TRANSFER', { queue: 'q' })).toEqual([])
    expect(findUnsupported(info, 'UPDATE', { addTags: [], ifUpdatedAt: '2026-01-01T00:00:00.000Z' })).toEqual([])
  })

  it('is set by an empty text or list in an update, which empties a field', () => {
    const info = toSourceInfo('a', capabilities({ takes: {} }))
    const fields = findUnsupported(info, 'UPDATE', { orderId: '', tags: [] }).map(({ field }) => field?.[1])
    expect(fields).toEqual(['orderId', 'tags'])
  })
})

describe('files', () => {
  const url = { filename: 'a.png', url: 'https://files.example/a.png' }
  const upload = { filename: 'a.png', uploadId: 'u1' }
  const create = (attachments: 'NONE' | 'URL' | 'UPLOAD', files: NonNullable<CreateTicket['attachments']>) => {
    const takes = attachments === 'NONE' ? {} : everyField
    const info = toSourceInfo('a', capabilities({ attachments, takes }))
    return checkCreate({ info }, { source: 'a', attachments: files }).map(({ code, field }) => [code, field?.join('.')])
  }

  it.each([
    ['URL', url, []],
    ['UPLOAD', upload, []],
    ['URL', upload, [['NOT_SUPPORTED', 'input.attachments.1.uploadId']]],
    ['UPLOAD', url, [['NOT_SUPPORTED', 'input.attachments.1.url']]],
    ['NONE', url, [['NOT_SUPPORTED', 'input.attachments']]],
    ['NONE', upload, [['NOT_SUPPORTED', 'input.attachments']]],
    ['URL', { filename: 'a' }, [['REQUIRED', 'input.attachments.1']]],
    ['UPLOAD', { ...url, ...upload }, [['INVALID', 'input.attachments.1']]],
  ] as const)('of a source that takes %s: %j gives %j', (attachments, file, errors) => {
    expect(create(attachments, [attachments === 'UPLOAD' ? upload : url, file])).toEqual(errors)
  })

  it('of a message are checked in the same way', async () => {
    const { writes } = withTicket()
    const reply = { body: 'x', visibility: 'PUBLIC', attachments: [upload] } as const
    expect(errorsOf(await writes.reply({ id, idempotencyKey: null }, reply))).toEqual([
      ['NOT_SUPPORTED', 'input.attachments.0.uploadId'],
    ])
  })
})

describe('an assignment', () => {
  it.each([
    [{}, 'REQUIRED', 'input.assignee'],
    [{ assignee: ' ' }, 'REQUIRED', 'input.assignee'],
    [{ unassign: false, group: '' }, 'REQUIRED', 'input.assignee'],
    [{ assignee: 'ann', unassign: true }, 'INVALID', 'input'],
    [{ assignee: 'ann', group: 'g1' }, 'INVALID', 'input'],
  ])('to %j is %s', async (input, code, field) => {
    const { source, writes } = withTicket()
    expect(errorsOf(await writes.reassign({ id, idempotencyKey: null }, input))).toEqual([[code, field]])
    expect(source.calls.write).toEqual([])
  })

  it.each([
    [{ assignee: 'ann' }, { assignee: { externalId: 'ann' }, group: null }],
    [{ group: 'g1' }, { group: { externalId: 'g1' } }],
    [{ unassign: true }, { assignee: null }],
  ])('to %j reaches the source', async (input, expected) => {
    const { writes, ticket } = withTicket()
    expect((await writes.reassign({ id, idempotencyKey: null }, input)).outcome).toBe('APPLIED')
    expect(ticket()).toMatchObject(expected)
  })
})

describe('a custom field', () => {
  it('may be given once', async () => {
    const { writes } = withTicket()
    const customFields = [
      { key: 'a', value: 1 },
      { key: 'b', value: null },
      { key: 'a', value: 2 },
    ]
    expect(errorsOf(await writes.update({ id, idempotencyKey: null }, { customFields }))).toEqual([
      ['INVALID', 'input.customFields.2.key'],
    ])
    expect(errorsOf(await writes.create({ source: 'a', customFields }))).toEqual([['INVALID', 'input.customFields.2.key']])
  })
})

describe('a message', () => {
  it('that is internal needs a source with notes, and is sent nowhere else', async () => {
    const { source, writes } = withTicket({}, { actions: ['REPLY'] })
    const note = { body: 'x', visibility: 'INTERNAL' } as const
    expect(await writes.reply({ id, idempotencyKey: null }, note)).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [
        { code: 'NOT_SUPPORTED', message: 'Memory a cannot keep a message internal.', field: ['input', 'visibility'] },
      ],
    })
    expect(source.calls.write).toEqual([])
    const noting = withTicket({}, { actions: ['NOTE'] })
    expect((await noting.writes.reply({ id, idempotencyKey: null }, note)).outcome).toBe('APPLIED')
    const open = await noting.writes.reply({ id, idempotencyKey: null }, { ...note, visibility: 'PUBLIC' })
    expect(open.userErrors[0]).toMatchObject({ code: 'NOT_SUPPORTED', message: 'Memory a cannot reply to tickets.' })
  })

  it('that became public all the same is a PARTIAL write that says so', async () => {
    const { source, writes } = withTicket()
    const reply = source.replyToTicket!
    source.replyToTicket = async (...args) => {
      const result = await reply(...args)
      const userError = { code: 'NOTE_BECAME_PUBLIC' as const, message: 'The customer sees the note.', field: null }
      return { ...result, outcome: 'PARTIAL', userErrors: [userError] }
    }
    const payload = await writes.reply({ id, idempotencyKey: null }, { body: 'x', visibility: 'INTERNAL' })
    expect(payload).toMatchObject({ outcome: 'PARTIAL', message: { body: 'x' }, userErrors: [{ code: 'NOTE_BECAME_PUBLIC' }] })
  })

  it('has a format of its own choice where the source takes one', async () => {
    const { writes } = withTicket()
    const markdown = { body: '**x**', visibility: 'PUBLIC', format: 'MARKDOWN' } as const
    expect((await writes.reply({ id, idempotencyKey: null }, markdown)).message).toMatchObject({ format: 'MARKDOWN' })
    const plain = withTicket({}, capabilities({ takes: {} }))
    expect(errorsOf(await plain.writes.reply({ id, idempotencyKey: null }, markdown))).toEqual([
      ['NOT_SUPPORTED', 'input.format'],
    ])
    const other = { ...markdown, format: 'OTHER' } as const
    expect(errorsOf(await writes.reply({ id, idempotencyKey: null }, other))).toEqual([['INVALID', 'input.format']])
  })
})

describe('the condition ifUpdatedAt', () => {
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
  const unconditional = capabilities({ takes: { UPDATE: ['title'] } })
  const update = { title: 'new', ifUpdatedAt: at(1) }

  it.each([
    ['the same time', at(1), 'APPLIED'],
    ['an earlier time', at(0), 'APPLIED'],
    ['no time', null, 'APPLIED'],
    ['a later time', at(2), 'REJECTED'],
  ])('over a ticket with %s is checked by the gateway where the source cannot', async (_name, updatedAt, outcome) => {
    const { source, writes } = withTicket({ updatedAt }, unconditional)
    const payload = await writes.update({ id, idempotencyKey: null }, update)
    expect(payload.outcome).toBe(outcome)
    if (outcome === 'APPLIED') expect(source.calls.write).toEqual([['updateTicket', expect.anything(), { title: 'new' }]])
    else {
      expect(payload).toMatchObject({
        ticket: { updatedAt },
        userErrors: [{ code: 'CONFLICT', field: ['input', 'ifUpdatedAt'] }],
      })
      expect(source.calls.write).toEqual([])
    }
  })

  it('goes to a source that takes it', async () => {
    const { source, writes } = withTicket({ updatedAt: at(2) })
    expect(errorsOf(await writes.update({ id, idempotencyKey: null }, update))).toEqual([['CONFLICT', 'input.ifUpdatedAt']])
    expect(source.calls.write).toEqual([['updateTicket', expect.anything(), update]])
  })

  it('is read past the cache, and once for an idempotency key: the repetition is no conflict', async () => {
    const { source, writes } = withTicket({ updatedAt: at(1) }, unconditional)
    const fresh: (boolean | undefined)[] = []
    const load = source.loadTickets
    source.loadTickets = (refs, call) => {
      fresh.push(call.fresh)
      return load(refs, call)
    }
    const send = () => writes.update({ id, idempotencyKey: 'k' }, update)
    expect((await send()).outcome).toBe('APPLIED')
    expect((await send()).outcome).toBe('APPLIED')
    expect(fresh).toEqual([true, true])
    expect(source.calls.write).toHaveLength(1)
  })

  it('that cannot be read changes nothing, and the key stays free', async () => {
    const { source, writes } = withTicket({ updatedAt: at(1) }, unconditional)
    source.nextFailures.push(new DeskgraphError('UPSTREAM_TIMEOUT', 'It did not answer in time.', { source: 'a' }))
    const send = () => writes.update({ id, idempotencyKey: 'k' }, update)
    expect(await send()).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_UNAVAILABLE', retryable: true }] })
    expect((await send()).outcome).toBe('APPLIED')
  })

  it('of a ticket that is gone is NOT_FOUND', async () => {
    const { source, writes } = withTicket({}, unconditional)
    source.remove('x')
    expect(errorsOf(await writes.update({ id, idempotencyKey: null }, update))).toEqual([['NOT_FOUND', 'input.id']])
  })
})

describe('the stored keys of version 0.1', () => {
  it('answer a transfer that named its queue `queueId`, and a note', async () => {
    const source = createMemorySource('a')
    source.put('x')
    source.transferTicket = async () => rejected('CONFLICT', 'sent anew')
    const { service, idempotency } = createService([source])
    const answer = { outcome: 'APPLIED', ticketId: id, userErrors: [] } as const
    // The claim as version 0.1.0 made it.
    const claim = (mutation: string, input: object) => ({
      viewerId: 'anonymous',
      key: mutation,
      mutation,
      fingerprint: fingerprint({ source: 'a', input: { id, input } }),
    })
    await idempotency.finish(claim('TRANSFER', { queueId: 'q' }), answer)
    await idempotency.finish(claim('REPLY', { body: 'x', visibility: 'INTERNAL' }), answer)
    const { writes } = service.begin(toCall())
    expect((await writes.transfer({ id, idempotencyKey: 'TRANSFER' }, { queue: 'q' })).outcome).toBe('APPLIED')
    const note = { body: 'x', visibility: 'INTERNAL' } as const
    expect((await writes.reply({ id, idempotencyKey: 'REPLY' }, note)).outcome).toBe('APPLIED')
    expect(source.calls.write).toEqual([])
  })
})
