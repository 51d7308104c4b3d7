import type { Call } from '../../domain/call.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import { toEpochMs } from '../../domain/instant.ts'
import { toRecord, toText } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import type { ChangesRequest, ChangesSlice } from '../source.ts'
import type { Zendesk } from './index.ts'
import { readTables } from './lookups.ts'
import { include, toPage, toTickets } from './queries.ts'

/** Zendesk refuses a beginning within the last minute. */
const newestMs = 60_000

/**
 * `GET /incremental/tickets/cursor`, for administrators: archived and deleted tickets too, and those that a rule of the account touched, whose
 * `updated_at` stays (ZENDESK-04). The form by time is not used: it never ends where one second holds more than a page (ZENDESK-03).
 */
export async function changesSince(
  zendesk: Zendesk,
  { since, cursor, limit }: ChangesRequest,
  call: Call,
): Promise<ChangesSlice> {
  const { info, upstream } = zendesk
  const nothing: ChangesSlice = { tickets: [], removed: [], cursor, end: true }
  if ((await zendesk.account.check()).role !== 'admin') return nothing
  const latest = toEpochMs(zendesk.origin().observedAt) - newestMs
  const start = Math.floor(Math.min(toEpochMs(since), latest) / 1000) - 1
  const from = cursor === null ? `start_time=${start}` : `cursor=${encodeUrlPart(cursor)}`
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const record = toRecord(body)
    return { page: toPage(zendesk, body), next: toText(record?.after_cursor), isLast: record?.end_of_stream !== false }
  }
  const path = `/api/v2/incremental/tickets/cursor?${from}&per_page=${limit}&${include}`
  const [{ page, next, isLast }, tables] = await Promise.all([
    upstream.read({ operation: 'export', kind: 'export', path, toResult }, call),
    readTables(zendesk, call),
  ])
  const tickets = toTickets(zendesk, page, tables).filter((ticket) => ticket !== null)
  const removed = tickets.filter(({ deletedAt }) => deletedAt !== null)
  return {
    tickets: tickets.filter(({ deletedAt }) => deletedAt === null),
    removed: removed.map(({ tenant, externalId }) => ({ kind: 'ticket', sourceKey: info.key, tenant, externalId })),
    cursor: next ?? cursor,
    end: isLast || next === null || next === cursor,
  }
}
