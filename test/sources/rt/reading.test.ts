import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListRequest, TicketFilter } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, startVendor } from '../../support/vendor.ts'
import { readRecording, rtAt, rtRef, startRecordedRt } from './rt-fixture.ts'

const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 3 }

async function load(answers: Readonly<Record<string, unknown>> = {}, id = '10'): Promise<Ticket | DeskgraphError | null> {
  const vendor = await startRecordedRt(answers)
  const [ticket] = await rtAt(vendor.url).loadTickets([rtRef(id)], someCall())
  return ticket ?? null
}

/** The TicketSQL of a list. */
async function queryOf(filter: TicketFilter, changes: Partial<ListRequest> = {}, zone: string | null = 'UTC'): Promise<string> {
  const account = { ...readRecording<object>('account-in-tokyo'), Timezone: zone }
  const vendor = await startRecordedRt({ 'account-in-tokyo': account })
  await rtAt(vendor.url).listTickets({ ...request, filter, ...changes }, someCall())
  const { path } = vendor.calls.at(-1)!
  return new URL(path, vendor.url).searchParams.get('query') ?? ''
}

describe('a ticket of RT', () => {
  it('RT-18 is read with a token, with that of the viewer where there is one, and never with a password', async () => {
    const vendor = await startRecordedRt()
    const source = rtAt(vendor.url, { viewerTokens: { ann: '1-28-def' } })
    await source.listTickets(request, someCall({ viewerId: 'ben' }))
    await source.listTickets(request, someCall({ viewerId: 'ann' }))
    await source.listTickets(request, someCall({ viewerId: 'constructor' }))
    expect(vendor.calls.map(({ headers }) => headers.authorization)).toEqual([
      'token 1-27-abc',
      'token 1-28-def',
      'token 1-27-abc',
    ])
  })

  it('RT-09 has correspondence as public and comments as internal messages', async () => {
    const ticket = (await load()) as Ticket
    expect(ticket.messages?.map(({ body, format, visibility }) => [body, format, visibility])).toEqual([
      ['Hello,\n\nproblem 10 has happened ✓.\n', 'TEXT', 'PUBLIC'],
      ['Answer of Ann on 10', 'TEXT', 'PUBLIC'],
      ['<p>Note of <b>Ben</b> on 10</p>', 'HTML', 'INTERNAL'],
    ])
    const limited = (await load({ 'history-10': readRecording('history-10-without-comments') })) as Ticket
    expect(limited.messages?.map(({ visibility }) => visibility)).toEqual(['PUBLIC', 'PUBLIC'])
  })

  it('RT-09 reads on behind a page that hidden comments have made shorter', async () => {
    const { items } = readRecording('history-10-without-comments')
    const many = Array.from({ length: 30 }, (_, index) => ({ ...items[1], id: String(1000 + index) }))
    const pages: string[] = []
    const vendor = await startRecordedRt({}, ({ path }, res) => {
      if (!path.includes('/history')) return false
      const page = new URL(path, 'http://rt.example').searchParams.get('page') ?? ''
      pages.push(page)
      const list = page === '1' ? many : page === '2' ? items.slice(0, 1) : []
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: list, total: null }))
      return true
    })
    const [ticket] = await rtAt(vendor.url).loadTickets([rtRef('10')], someCall())
    expect((ticket as Ticket).messages).toHaveLength(31)
    expect(pages).toEqual(['1', '2'])
  })

  it('has the files of its messages, without the parts that are texts', async () => {
    const ticket = (await load()) as Ticket
    expect(ticket.attachments).toMatchObject([
      { filename: 'log-10.txt', size: 10, contentType: 'text/plain', requiresAuth: true },
    ])
    expect(ticket.messages?.map(({ attachments }) => attachments?.length)).toEqual([1, 0, 0])
    expect(ticket.attachments?.[0]?.url).toMatch(/\/Ticket\/Attachment\/\d+\/\d+\/log-10\.txt$/)
  })

  it('has the file whose name was cut in the middle of an emoji', async () => {
    const page = readRecording('attachments-10')
    const items = page.items.map((part) => (part.Filename === 'log-10.txt' ? { ...part, Filename: 'log \ud83d' } : part))
    const ticket = (await load({ 'attachments-10': { ...page, items } })) as Ticket
    // U+FFFD in UTF-8 is EF BF BD.
    expect(ticket.attachments?.map(({ url }) => url?.split('/').at(-1))).toEqual(['log%20%EF%BF%BD'])
  })

  it('has a text of more than 256 KiB as a file', async () => {
    const page = readRecording('attachments-10')
    const items = page.items.map((part) => (part.ContentLength === '19' ? { ...part, ContentLength: '262145' } : part))
    const ticket = (await load({ 'attachments-10': { ...page, items } })) as Ticket
    expect(ticket.messages?.map(({ body, attachments }) => [body.length, attachments?.map(({ size }) => size)])).toEqual([
      [35, [10]],
      [0, [262_145]],
      [31, []],
    ])
  })

  it('RT-10 is MERGED_INTO the other one where RT answers with another id, and shows nothing of that', async () => {
    const merged = (await load({ 'search-10': readRecording('search-nothing') }, '25')) as Ticket
    expect(merged).toMatchObject({ externalId: '25', number: '25', status: 'UNKNOWN', title: null, customer: null, raw: null })
    expect(merged.links).toMatchObject([{ kind: 'MERGED_INTO', externalId: '21' }])
    expect(JSON.stringify(merged)).not.toContain('Ticket number 21')
    expect(rtAt('http://127.0.0.1:1').suitsState?.('UPDATE', merged)).toBe(false)
  })

  it('RT-10 is never one that was not asked for', async () => {
    const other = (await load({ 'search-10': readRecording('search-10') }, '25')) as Ticket
    expect(other.externalId).toBe('25')
    const searched = readRecording('search-10')
    expect(searched.items[0]?.id).toBe('10')
  })

  it('RT-10 fails where its history is that of another ticket', async () => {
    const { items, ...page } = readRecording('history-10')
    const foreign = { ...page, items: items.map((item) => ({ ...item, ObjectId: '11' })) }
    expect(await load({ 'history-10': foreign })).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('has none of the reminders, and none that RT does not know or show', async () => {
    const reminder = { ...readRecording<object>('ticket-deleted'), Type: 'reminder' }
    const nothing = { 'search-10': readRecording('search-nothing'), 'history-10': readRecording('search-nothing') }
    expect(await load({ ...nothing, 'ticket-merged': reminder }, '26')).toBeNull()
    expect(await load({ ...nothing, 'ticket-merged': 404 }, '26')).toBeNull()
    expect(await load({ ...nothing, 'ticket-merged': 403 }, '26')).toBeNull()
    const deleted = await load({ ...nothing, 'ticket-merged': readRecording('ticket-deleted') }, '26')
    expect(deleted).toMatchObject({ status: 'CANCELLED', sourceStatus: 'deleted', deletedAt: expect.any(String) })
  })

  it('RT-14 has no time where RT sends 1970', async () => {
    expect(readRecording('search-10').items[0]).toMatchObject({ Due: '1970-01-01T00:00:00Z' })
    expect(await load()).toMatchObject({ dueAt: null, resolvedAt: null })
  })

  it('RT-06 has its fields by their ids, though RT sends them in any order', async () => {
    const page = readRecording('search-10')
    const [row] = page.items as [Record<string, unknown> & { CustomFields: object[] }]
    const reversed = { ...page, items: [{ ...row, CustomFields: row.CustomFields.toReversed() }] }
    const [one, other] = [(await load()) as Ticket, (await load({ 'search-10': reversed })) as Ticket]
    expect(other.customFields).toEqual(one.customFields)
    expect(one.customFields?.map(({ label, value }) => [label, value])).toEqual([
      ['External ref', 'EXT-10'],
      ['Amount', null],
      ['Follow up', null],
      ['Call at', null],
      ['Regions', null],
    ])
  })

  it('has an unknown status with its word, and every priority', async () => {
    const page = readRecording('search-10')
    const changed = (fields: object) => load({ 'search-10': { ...page, items: [{ ...page.items[0], ...fields }] } })
    expect(await changed({ Status: 'waiting', Priority: '49' })).toMatchObject({
      ...{ status: 'UNKNOWN', sourceStatus: 'waiting', priority: 'LOW', sourcePriority: '49' },
    })
    expect(await changed({ Priority: 100 })).toMatchObject({ priority: 'HIGH' })
    expect(await changed({ Priority: -5 })).toMatchObject({ priority: 'LOW' })
    expect(await changed({ Owner: { id: 'Nobody' } })).toMatchObject({ assignee: null })
  })

  it('is an error, and not null, when RT fails', async () => {
    expect(await load({ 'search-10': 500 })).toBeInstanceOf(DeskgraphError)
    expect(await load({ 'history-10': 500 })).toBeInstanceOf(DeskgraphError)
    expect(await load({ 'search-10': { items: 'none' } })).toBeInstanceOf(DeskgraphError)
  })
})

describe('a list of RT', () => {
  it('RT-19 is read over fewer connections than RT has workers, one call on each', async () => {
    let [open, most] = [0, 0]
    const vendor = await startRecordedRt({}, (_, res) => {
      open += 1
      most = Math.max(most, open)
      res.on('finish', () => (open -= 1))
      setTimeout(
        () => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(readRecording('list-first-3'))),
        20,
      )
      return true
    })
    const source = rtAt(vendor.url)
    const categories = Array.from({ length: 12 }, (_, index) => [String(index + 1)])
    await Promise.all(categories.map((category) => source.listTickets({ ...request, filter: { category } }, someCall())))
    expect([most, new Set(vendor.calls.map(({ port }) => port)).size]).toEqual([3, 3])
  })

  it('RT-05 asks for every field of a row, RT-11 and not for what costs a check of rights in each', async () => {
    const vendor = await startRecordedRt()
    const slice = await rtAt(vendor.url).listTickets(request, someCall())
    expect(slice.tickets.map(({ externalId, title }) => [externalId, title])).toEqual([
      ['22', 'Ticket number 22'],
      ['21', 'Ticket number 21'],
      ['20', 'Ticket number 20'],
    ])
    expect(slice).toMatchObject({ end: false, totalCount: 24, dropped: 0 })
    expect(vendor.calls).toHaveLength(1)
    const fields = new URL(vendor.calls[0]!.path, vendor.url).searchParams.get('fields')?.split(',')
    expect(fields).toEqual(expect.arrayContaining(['Subject', 'Status', 'Owner', 'Requestor', 'CustomFields', 'LastUpdated']))
    expect(fields).not.toContain('_hyperlinks')
  })

  it('RT-07 asks for 1 to 100 tickets, because RT makes 20 of everything else', async () => {
    const vendor = await startRecordedRt()
    const source = rtAt(vendor.url)
    for (const limit of [0, 1, 100, 501]) await source.listTickets({ ...request, limit }, someCall())
    const sizes = vendor.calls.map(({ path }) => new URL(path, vendor.url).searchParams.get('per_page'))
    expect(sizes).toEqual(['1', '1', '100', '100'])
  })

  it('RT-13 fails where RT does not know the order, and does not call the list empty', async () => {
    expect(readRecording('list-unknown-order')).toMatchObject({ items: [], total: 24 })
    const vendor = await startRecordedRt({ 'list-first-3': readRecording('list-unknown-order') })
    await expect(rtAt(vendor.url).listTickets(request, someCall())).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('RT-08 takes a list without a total, which then ends with an empty page alone', async () => {
    const page = readRecording('list-first-3')
    const vendor = await startRecordedRt({ 'list-first-3': { ...page, total: null } })
    expect(await rtAt(vendor.url).listTickets({ ...request, limit: 5 }, someCall())).toMatchObject({
      end: false,
      totalCount: null,
    })
    const empty = await startRecordedRt({ 'list-first-3': { ...page, items: [], total: null } })
    expect(await rtAt(empty.url).listTickets(request, someCall())).toMatchObject({ tickets: [], end: true, totalCount: null })
  })

  it('RT-04 does not follow the address of the next page, which names any host', async () => {
    const queues = { ...readRecording('queues'), next_page: 'http://127.0.0.1:1/REST/2.0/queues/all?page=2' }
    const vendor = await startRecordedRt({ queues })
    expect((await rtAt(vendor.url).transferQueues!(someCall())).map(({ key, name }) => [key, name])).toEqual([
      ['4', 'Billing'],
      ['5', 'Network'],
      ['3', 'Support'],
    ])
    expect(vendor.lines().map((line) => line.replace(/\?.*&/, '?'))).toEqual([
      'GET /REST/2.0/queues/all?page=1',
      'GET /REST/2.0/queues/all?page=2',
    ])
  })

  it('RT-17 goes on behind a ticket by its time and its id, and counts those before it', async () => {
    const vendor = await startRecordedRt({ 'account-in-tokyo': { Timezone: 'UTC' } })
    const source = rtAt(vendor.url)
    const { positions } = await source.listTickets(request, someCall())
    expect(positions).toEqual(['1772323200_22_1', '1772323200_21_2', '1772323200_20_3'])
    const next = await source.listTickets({ ...request, position: positions[1]! }, someCall())
    const { searchParams } = new URL(vendor.calls.at(-1)!.path, vendor.url)
    expect(searchParams.get('query')).toBe(
      "(LastUpdated < '2026-03-01 00:00:00' OR (LastUpdated >= '2026-03-01 00:00:00' AND LastUpdated <= '2026-03-01 00:00:00' AND id < 21))",
    )
    expect([searchParams.getAll('orderby'), searchParams.getAll('order')]).toEqual([
      ['LastUpdated', 'id'],
      ['DESC', 'DESC'],
    ])
    // The recorded answer says 24 again: two tickets were before.
    expect(next.totalCount).toBe(26)
    const atPoint = source.toPosition!(
      { value: '2026-03-01T00:00:00.000Z', passed: { tenant: '', externalId: '21' } },
      request.order,
    )
    expect(atPoint).toBe('1772323200_21_x')
    await expect(source.listTickets({ ...request, position: "1' OR id > 0" }, someCall())).rejects.toBeInstanceOf(RangeError)
  })

  it('leaves out and counts a record that is no ticket, and fails where no record is one', async () => {
    const page = readRecording('list-first-3')
    const counted = countingMetrics()
    const vendor = await startRecordedRt({ 'list-first-3': { ...page, items: [page.items[0], { id: 'x' }, page.items[1]] } })
    const slice = await rtAt(vendor.url, {}, counted).listTickets(request, someCall())
    expect([slice.tickets.length, slice.dropped, slice.positions[1]]).toEqual([2, 1, '1772323200_21_3'])
    const none = await startRecordedRt({ 'list-first-3': { ...page, items: [{ id: 'x' }] } })
    await expect(rtAt(none.url).listTickets(request, someCall())).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('TicketSQL', () => {
  it('has all tickets without a condition, RT-12 and never an IN', async () => {
    expect(await queryOf({})).toBe('id > 0')
    expect(await queryOf({ status: ['NEW', 'PENDING'], category: ['3', '4'] })).toBe(
      "(Status = 'new' OR Status = 'stalled') AND (Queue = 3 OR Queue = 4)",
    )
  })

  it('RT-15 has bounds of times that are exact to the second, and no `=`', async () => {
    expect(await queryOf({ updatedAfter: '2026-03-01T00:00:00.001Z', updatedBefore: '2026-03-01T00:00:00.001Z' })).toBe(
      "LastUpdated > '2026-03-01 00:00:00' AND LastUpdated < '2026-03-01 00:00:01'",
    )
    expect(await queryOf({ createdAfter: '2026-03-01T00:00:00.000Z', createdBefore: '2026-03-01T00:00:00.000Z' })).toBe(
      "Created > '2026-03-01 00:00:00' AND Created < '2026-03-01 00:00:00'",
    )
  })

  it('RT-16 has times in the zone of the account, and none that the zone does not have', async () => {
    const boundOf = (updatedAfter: string, zone: string | null) => queryOf({ updatedAfter }, {}, zone)
    expect(await boundOf('2026-03-01T00:00:00.000Z', 'Asia/Tokyo')).toBe("LastUpdated > '2026-03-01 09:00:00'")
    expect(await boundOf('2026-01-15T12:00:00.000Z', 'Europe/Berlin')).toBe("LastUpdated > '2026-01-15 13:00:00'")
    expect(await boundOf('2026-07-15T12:00:00.000Z', 'Europe/Berlin')).toBe("LastUpdated > '2026-07-15 14:00:00'")
    // An account without a zone has that of the configuration.
    expect(await boundOf('2026-07-15T12:00:00.000Z', '')).toBe("LastUpdated > '2026-07-15 12:00:00'")
    // RT subtracts the offset that the zone has when UTC shows the local time: of one hour in autumn it can say nothing.
    await expect(boundOf('2026-10-24T23:30:00.000Z', 'Europe/Berlin')).rejects.toMatchObject({ code: 'UPSTREAM_NOT_SUPPORTED' })
    expect(await boundOf('2026-10-25T02:30:00.000Z', 'Europe/Berlin')).toBe("LastUpdated > '2026-10-25 03:30:00'")
  })

  it('RT-16 reads the zone of an account once a minute', async () => {
    const vendor = await startRecordedRt()
    const source = rtAt(vendor.url)
    for (const second of ['01', '02', '03']) {
      await source.listTickets({ ...request, filter: { updatedAfter: `2026-03-01T00:00:${second}.000Z` } }, someCall())
    }
    expect(vendor.lines().filter((line) => line.includes('/user/'))).toEqual(['GET /REST/2.0/user/27'])
  })

  it('has statuses without an entry, and none of a status that RT does not have', async () => {
    expect(await queryOf({ status: ['UNKNOWN'] })).toBe(
      "(Status != 'new' AND Status != 'open' AND Status != 'stalled' AND Status != 'resolved' AND Status != 'rejected')",
    )
    const vendor = await startRecordedRt()
    const slice = await rtAt(vendor.url).listTickets({ ...request, filter: { status: ['ON_HOLD'] } }, someCall())
    expect([slice, vendor.calls.length]).toEqual([{ tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }, 0])
  })

  it('has priorities as ranges of numbers', async () => {
    expect(await queryOf({ priority: ['LOW'] })).toBe('(Priority < 50)')
    expect(await queryOf({ priority: ['MEDIUM', 'HIGH'] })).toBe('((Priority >= 50 AND Priority < 100) OR (Priority >= 100))')
  })

  it('quotes what a client sends, and does not send what RT would read as a field', async () => {
    expect(await queryOf({ assignee: "x' OR id > 0 OR 'y" })).toBe(
      "Owner.Name != 'Nobody' AND (Owner.Name = 'x\\' OR id > 0 OR \\'y' OR Owner.EmailAddress = 'x\\' OR id > 0 OR \\'y' OR Owner.RealName = 'x\\' OR id > 0 OR \\'y')",
    )
    const source = rtAt('http://127.0.0.1:1')
    expect(source.pushdownFilters?.({ assignee: 'cf.Channel' })).toEqual([])
    expect(source.pushdownFilters?.({ assignee: 'Jürgen' })).toEqual([])
    expect(await queryOf({ assignee: 'CF.Channel' })).toBe('id > 0')
    expect(source.narrowingFilters?.({ tags: ['CF.{Tags}', 'vip'] })).toEqual([])
    expect(await queryOf({ tags: ['a\\b', "it's"] })).toBe("(CF.{Tags} = 'a\\\\b' OR CF.{Tags} = 'it\\'s')")
  })
})

describe('a file of RT', () => {
  const file = { ...rtRef('10#40'), kind: 'attachment' as const }
  const open = async (answer: string, chunkBytes: number) => {
    const vendor = await startVendor(async (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      for (let at = 0; at < answer.length; at += chunkBytes) {
        res.write(answer.slice(at, at + chunkBytes))
        await new Promise((resolve) => setImmediate(resolve))
      }
      res.end()
    })
    return (await rtAt(vendor.url).openFile!(file, someCall()))!.body
  }

  it('RT-21 is the base64 of its record, also where that arrives in pieces', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7) % 256))
    const base64 = bytes.toString('base64').replace(/.{76}/g, '$&\n').replaceAll('/', '\\/')
    const record = `{"ContentType":"image/png","Filename":"\\"Content\\":\\"x","Content" : "${base64.replaceAll('\n', '\\n')}\\n","id":40}`
    expect(JSON.parse(record).Filename).toBe('"Content":"x')
    for (const chunkBytes of [1, 7, 100, 10_000]) expect(await buffer(await open(record, chunkBytes))).toEqual(bytes)
    expect(await buffer(await open('{"Content":""}', 100))).toEqual(Buffer.alloc(0))
  })

  it('RT-21 fails where the record breaks off or has no content', async () => {
    for (const record of ['{"Content":"aGFsZg', '{"id":40}']) {
      await expect(buffer(await open(record, 100))).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    }
  })

  it('is none for those who may not see it', async () => {
    const vendor = await startVendor((_, res) => json(res, { message: 'Forbidden' }, 403))
    expect(await rtAt(vendor.url).openFile!(file, someCall())).toBeNull()
    expect(await rtAt(vendor.url).openFile!({ ...file, externalId: '10' }, someCall())).toBeNull()
  })
})

describe('the summaries of RT tickets', () => {
  it('are read by one search, and none where a search does not find the ticket', async () => {
    const vendor = await startRecordedRt()
    const refs = ['20', '22', '999', '20'].map(rtRef)
    const summaries = await rtAt(vendor.url).loadSummaries!([...refs, { ...rtRef('21'), tenant: 'other' }], someCall())
    expect(summaries.map((one) => one && [one.externalId, one.isSummary])).toEqual([
      ['20', true],
      ['22', true],
      null,
      ['20', true],
      null,
    ])
    const [{ path }, ...others] = vendor.calls as [(typeof vendor.calls)[number]]
    expect([new URL(path, vendor.url).searchParams.get('query'), others]).toEqual(['id = 20 OR id = 22 OR id = 999', []])
  })
})
