import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type Loaded, loadEach } from '../pagination/load-each.ts'
import { readSlice, toGivenSize, type VendorPage } from '../pagination/paged-list.ts'
import type { ListRequest, ListSlice } from '../source.ts'
import { type OneView, toPath } from './context.ts'
import { type OneViewTicket, toOneViewPage, toOneViewTicket } from './decode.ts'
import { isExternalId } from './external-id.ts'

/** The ticket as OneView shows it, untranslated; null where there is none or the agent may not see it. */
export function readWireTicket(oneView: OneView, externalId: string, call: Call): Promise<OneViewTicket | null> {
  return readTicketAs(oneView, 'ticketEntity', externalId, call, (wire) => wire)
}

function readTicketAs<T>(
  oneView: OneView,
  operation: string,
  externalId: string,
  call: Call,
  toResult: (wire: OneViewTicket) => T,
): Promise<T | null> {
  const { info, config, upstream } = oneView
  const read = (answer: Answer): T | null => {
    if (answer.status === 404 || answer.status === 403) return null
    if (answer.status >= 400) throw readRefused(info, answer.status)
    const wire = toOneViewTicket(answer.body)
    // Another ticket's id: whatever went wrong there, this is not the ticket that was asked for.
    if (wire?.id !== externalId) throw badResponse(info)
    return toResult(wire)
  }
  return upstream.read({ operation, path: toPath(config.paths.ticket, externalId), toResult: read }, call)
}

export function loadTickets(oneView: OneView, refs: readonly EntityRef[], call: Call): Promise<readonly Loaded[]> {
  const { info, config } = oneView
  if (!config.capabilities.ticket) return Promise.resolve(refs.map(() => notOffered(info, 'reading single tickets')))
  return loadEach(refs, {
    concurrency: config.concurrency,
    isOurs: (ref) => ref.sourceKey === info.key && ref.tenant === config.tenant && isExternalId(ref.externalId),
    load: (id) => readTicketAs<Ticket>(oneView, 'ticket', id, call, (wire) => oneView.toTicket(wire, oneView.origin())),
  })
}

export async function listTickets(oneView: OneView, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, upstream } = oneView
  if (!config.capabilities.list) throw notOffered(info, 'listing tickets')
  return readSlice(request, oneView.pageSizes, (page, pageSize) => {
    // OneView counts pages from 1.
    const path = `${config.paths.list}?page=${page + 1}&pageSize=${pageSize}`
    return upstream.read(
      { operation: 'list', path, toResult: (answer) => toVendorPage(oneView, answer, page + 1, pageSize) },
      call,
    )
  })
}

function toVendorPage(oneView: OneView, answer: Answer, page: number, pageSize: number): VendorPage {
  const { info, metrics } = oneView
  if (answer.status >= 400) throw readRefused(info, answer.status)
  const wire = toOneViewPage(answer.body)
  // A page other than the one asked for would make the walk skip tickets or give them twice.
  if (wire === null || (wire.page ?? page) !== page) throw badResponse(info)
  const origin = oneView.origin()
  const records = wire.list.map((ticket) => ticket && oneView.toTicket(ticket, origin))
  const dropped = records.filter((record) => record === null).length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  return { records, pageSize: toGivenSize(wire.pageSize, pageSize, records.length), total: null }
}

function notOffered(source: { key: string; label: string }, what: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${source.label} is set up without ${what}.`, { source: source.key })
}
