import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { WriteResult } from '../../../src/domain/writes.ts'
import { someCall } from '../../support/call.ts'
import { json, type VendorCall } from '../../support/vendor.ts'
import { readRecording, rtAt, rtRef, startRecordedRt } from './rt-fixture.ts'

const ref = rtRef('10')
const [ticket] = readRecording('search-10').items as [Record<string, unknown>]

/** An RT with recorded answers: ticket 10 before a write, and with these changes after it. */
async function rt(options: {
  readonly after?: Readonly<Record<string, unknown>>
  readonly before?: Readonly<Record<string, unknown>>
  /** The sentences of a 200, or a whole answer. */
  readonly onWrite?: readonly string[] | ((call: VendorCall, res: ServerResponse) => void)
  readonly transaction?: Readonly<Record<string, unknown>>
  readonly answers?: Readonly<Record<string, unknown>>
  readonly failsAfter?: boolean
  /** The ticket is merged into this one while the write is on its way. */
  readonly mergedAfter?: string
}) {
  let written = false
  const before = { ...ticket, ...options.before }
  const vendor = await startRecordedRt(options.answers, (call, res) => {
    const { method, path } = call
    if (method !== 'GET') {
      written = true
      if (typeof options.onWrite === 'function') options.onWrite(call, res)
      else if (method === 'PUT') json(res, options.onWrite ?? [])
      else res.writeHead(201, { location: '/REST/2.0/transaction/900' }).end('["Comments added"]')
    } else if (written && options.failsAfter) res.writeHead(503).end()
    else if (path.includes('/transaction/')) {
      const said = {
        id: 900,
        Type: 'Comment',
        Creator: { id: 'ann', RealName: 'Ann Agent' },
        Object: { id: '10', type: 'ticket' },
      }
      json(res, { ...said, Created: '2026-03-05T00:00:00Z', ...options.transaction })
    } else if (path.includes('/users?')) {
      const users = [{ id: 'ben', RealName: 'Ben Agent' }, { id: 'bene', RealName: 'Ben Agent' }, { id: 'benedict' }]
      json(res, { items: users, total: 3 })
    } else if (written && options.mergedAfter && path.includes('_hyperlinks')) json(res, readRecording('search-nothing'))
    else if (path.includes('_hyperlinks')) json(res, { items: [written ? { ...before, ...options.after } : before], total: 1 })
    else if (/\/ticket\/10\?/.test(path)) {
      // A single record has no names of requestors.
      const Requestor = (before.Requestor as { id: string }[]).map(({ id }) => ({ id, type: 'user', _url: '' }))
      const id = Number(written ? (options.mergedAfter ?? 10) : 10)
      res.writeHead(200, { etag: '"165"' }).end(JSON.stringify({ ...before, Requestor, id }))
    } else return false
    return true
  })
  const writes = () => vendor.calls.filter(({ method }) => method !== 'GET')
  return { source: rtAt(vendor.url), vendor, writes, bodies: () => writes().map(({ body }) => body) }
}

const note = { body: 'For us only', visibility: 'INTERNAL' as const }
const reply = { body: 'Hello', visibility: 'PUBLIC' as const }

describe('a message to RT', () => {
  it('RT-02 has its content type, without which RT refuses it', async () => {
    const { source, writes } = await rt({})
    await source.replyToTicket!(ref, note, someCall())
    await source.replyToTicket!(ref, { ...note, format: 'HTML' }, someCall())
    expect(writes().map(({ path, body }) => [path, body])).toEqual([
      ['/REST/2.0/ticket/10/comment', { Content: 'For us only', ContentType: 'text/plain' }],
      ['/REST/2.0/ticket/10/comment', { Content: 'For us only', ContentType: 'text/html' }],
    ])
    const markdown = await source.replyToTicket!(ref, { ...note, format: 'MARKDOWN' }, someCall())
    expect(markdown).toMatchObject({ outcome: 'REJECTED', userErrors: [{ field: ['input', 'format'] }] })
  })

  it('RT-02 is never the text "0" alone, which RT takes for none', async () => {
    const { source, bodies } = await rt({})
    await source.replyToTicket!(ref, { ...note, body: '0' }, someCall())
    expect(bodies()).toEqual([{ Content: '0\n', ContentType: 'text/plain' }])
  })

  it('RT-09 is read back: a comment is INTERNAL, and one that came out public is reported', async () => {
    const internal = await rt({})
    expect(await internal.source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'APPLIED',
      message: { body: 'For us only', visibility: 'INTERNAL', author: { name: 'Ann Agent' } },
    })
    // RT has said in its answer which transaction a reply is.
    expect(await internal.source.replyToTicket!(ref, reply, someCall())).toMatchObject({
      outcome: 'APPLIED',
      message: { id: encodeId('message', 'rt', '', '10#900'), visibility: 'PUBLIC', author: { name: 'Tina Tokyo' } },
    })
    const published = await rt({ transaction: { Type: 'Correspond' } })
    expect(await published.source.replyToTicket!(ref, note, someCall())).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'NOTE_BECAME_PUBLIC', field: ['input', 'visibility'] }],
    })
  })

  it('RT-09 is not sent where RT does not show the right to it', async () => {
    const links = (ticket._hyperlinks as { ref: string }[]).filter(({ ref: name }) => name !== 'comment' && name !== 'correspond')
    const { source, bodies } = await rt({ before: { _hyperlinks: links } })
    for (const message of [note, reply]) {
      const result = await source.replyToTicket!(ref, message, someCall())
      expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
    }
    expect(bodies()).toEqual([])
  })

  it('is FORBIDDEN where RT says so, and its words are not passed on', async () => {
    const onWrite = (_: VendorCall, res: ServerResponse) => json(res, { message: 'Permission Denied for carl' }, 400)
    const { source } = await rt({ onWrite })
    const result = await source.replyToTicket!(ref, reply, someCall())
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] })
    expect(JSON.stringify(result)).not.toContain('carl')
  })

  it('RT-10 is UNKNOWN where it went to another ticket, because of a merge in between', async () => {
    const { source } = await rt({ mergedAfter: '21' })
    expect(await source.replyToTicket!(ref, reply, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    const noted = await rt({ transaction: { Object: { id: '21', type: 'ticket' } } })
    expect(await noted.source.replyToTicket!(ref, note, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
  })
})

describe('a change of an RT ticket', () => {
  it('RT-01 is PARTIAL when RT refused a part of it behind a 200, and names the other part', async () => {
    const sentences = ["Ticket 10: Subject changed from 'Ticket number 10' to 'New'", 'Ticket 10: That is no status']
    const { source, bodies } = await rt({ after: { Subject: 'New' }, onWrite: sentences })
    const result = await source.updateTicket!(ref, { title: 'New', status: 'PENDING' }, someCall())
    expect(result).toMatchObject({ outcome: 'PARTIAL', userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'status'] }] })
    expect(bodies()).toEqual([{ Subject: 'New', Status: 'stalled' }])
  })

  it('RT-01 is FORBIDDEN where every sentence is a denial, and does not pass on the sentences', async () => {
    const { source } = await rt({ onWrite: ['Ticket 10: Permission Denied', 'Ticket 10: Permission denied'] })
    const result = await source.updateTicket!(ref, { title: 'New', priority: 'LOW' }, someCall())
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }, { code: 'FORBIDDEN' }] })
    const other = await rt({
      onWrite: ['Ticket 10: That user may not own tickets in that queue', 'Ticket 10: Permission Denied'],
    })
    expect(await other.source.reassignTicket!(ref, { unassign: true }, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'SOURCE_REJECTED' }],
    })
  })

  it('RT-01 is APPLIED only by the ticket afterwards, not by what the sentences say', async () => {
    const { source } = await rt({ onWrite: ["Ticket 10: Subject changed from 'Ticket number 10' to 'New'"] })
    expect((await source.updateTicket!(ref, { title: 'New' }, someCall())).outcome).toBe('REJECTED')
    const silent = await rt({ after: { Subject: 'New' }, onWrite: [] })
    expect((await silent.source.updateTicket!(ref, { title: 'New' }, someCall())).outcome).toBe('APPLIED')
  })

  it('is UNKNOWN, and sent once, when its answer or the read after it is lost', async () => {
    const lost = await rt({ onWrite: (_, res) => res.destroy() })
    expect(await lost.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    expect(lost.writes()).toHaveLength(1)
    const unread = await rt({ failsAfter: true })
    expect(await unread.source.updateTicket!(ref, { title: 'New' }, someCall())).toMatchObject({ outcome: 'UNKNOWN' })
    expect(unread.writes()).toHaveLength(1)
  })

  it('RT-03 is sent with the version that was read, and is a CONFLICT when RT has another one', async () => {
    const { source, writes } = await rt({ after: { Subject: 'New' } })
    const unchanged = { title: 'New', ifUpdatedAt: '2026-02-01T10:00:00.000Z' }
    expect(ticket.LastUpdated).toBe('2026-02-01T10:00:00Z')
    expect((await source.updateTicket!(ref, unchanged, someCall())).outcome).toBe('APPLIED')
    expect(writes().map(({ headers, body }) => [headers['if-match'], body])).toEqual([['"165"', { Subject: 'New' }]])
    const late = await source.updateTicket!(ref, { title: 'New', ifUpdatedAt: '2026-02-01T09:59:59.000Z' }, someCall())
    expect(late).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT', field: ['input', 'ifUpdatedAt'] }] })
    expect(writes()).toHaveLength(1)
    const raced = await rt({ onWrite: (_, res) => json(res, { message: 'Precondition Failed' }, 412) })
    expect(await raced.source.updateTicket!(ref, unchanged, someCall())).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT' }],
    })
  })

  it('RT-06 replaces the values of a field by a list, also by an empty one', async () => {
    const fields = [
      { key: '5', value: 7.5 },
      { key: '4', value: null },
      { key: '8', value: ['north'] },
    ]
    const { source, bodies } = await rt({})
    await source.updateTicket!(ref, { customFields: fields, addTags: ['new'] }, someCall())
    const tags = (ticket.CustomFields as { id: string; values: string[] }[]).find(({ id }) => id === '3')!.values
    expect(bodies()).toEqual([{ CustomFields: { 3: [...tags, 'new'], 4: [], 5: ['7.5'], 8: ['north'] } }])
  })

  it('RT-10 is refused for a merged ticket, and nothing is sent', async () => {
    const { source, writes } = await rt({ answers: { 'ticket-merged': readRecording('ticket-merged') } })
    const nothing = { ...readRecording('search-nothing') }
    const merged = await startRecordedRt({ 'search-10': nothing })
    const result = await rtAt(merged.url).updateTicket!(rtRef('25'), { title: 'New' }, someCall())
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
    expect([merged.calls.filter(({ method }) => method !== 'GET'), writes()]).toEqual([[], []])
    expect(source.info.capabilities.notes).toBe('VERIFIED')
  })

  it('keeps a priority that is in the asked range, and writes the lowest number of another one', async () => {
    const { source, bodies } = await rt({ before: { Priority: '70' } })
    await source.updateTicket!(ref, { priority: 'MEDIUM' }, someCall())
    await source.updateTicket!(ref, { priority: 'HIGH' }, someCall())
    await source.updateTicket!(ref, { priority: 'LOW' }, someCall())
    expect(await source.updateTicket!(ref, { priority: 'URGENT' }, someCall())).toMatchObject({
      userErrors: [{ code: 'INVALID' }],
    })
    expect(bodies()).toEqual([{}, { Priority: 100 }, { Priority: 0 }])
  })

  it('RT-24 is three calls once the users that it names are known, also with a version', async () => {
    const { source } = await rt({ after: { Owner: { id: 'ben' } } })
    const count = async (write: (call: Call) => Promise<WriteResult>) => {
      const call = { ...someCall(), stats: { upstreamCalls: 0 } }
      expect((await write(call)).outcome).toBe('APPLIED')
      return call.stats.upstreamCalls
    }
    const assign = (call: Call) => source.reassignTicket!(ref, { assignee: 'ben' }, call)
    expect([await count(assign), await count(assign)]).toEqual([5, 3])
    const answer = (call: Call) => source.replyToTicket!(ref, reply, call)
    expect([await count(answer), await count(answer)]).toEqual([4, 3])
    const known = await rt({ after: { Subject: 'New' } })
    const change = { title: 'New', ifUpdatedAt: '2026-02-01T10:00:00.000Z' }
    let before: Ticket | null | undefined
    const update = async (call: Call) => {
      const result = await known.source.updateTicket!(ref, change, call)
      before = result.before
      return result
    }
    expect(await count(update)).toBe(3)
    // The change log compares both states.
    expect(before?.customer).toMatchObject({ externalId: 'dora', name: 'Dora Customer' })
  })

  it('is not sent to a user of whom there are several, or none', async () => {
    const { source, bodies } = await rt({})
    expect(await source.reassignTicket!(ref, { assignee: 'Ben Agent' }, someCall())).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input', 'assignee'] }],
    })
    expect(await source.reassignTicket!(ref, { assignee: 'be' }, someCall())).toMatchObject({ userErrors: [{ code: 'INVALID' }] })
    await source.reassignTicket!(ref, { assignee: 'BEN' }, someCall())
    expect(bodies()).toEqual([{ Owner: 'ben' }])
  })
})
