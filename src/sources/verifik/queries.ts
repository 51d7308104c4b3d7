import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type Loaded, loadEach } from '../pagination/load-each.ts'
import { readSlice, toGivenSize, type VendorPage } from '../pagination/paged-list.ts'
import type { ListRequest, ListSlice } from '../source.ts'
import { toPath, type Verifik } from './context.ts'
import { isRefusal, toDataTicket, toVerifikPage } from './envelope.ts'
import { isExternalId } from './external-id.ts'
import { toFilterQuery } from './filter.ts'

export function loadTickets(verifik: Verifik, refs: readonly EntityRef[], call: Call): Promise<readonly Loaded[]> {
  const { info, config } = verifik
  if (!config.capabilities.ticket) return Promise.resolve(refs.map(() => notOffered(info, 'reading single tickets')))
  return loadEach(refs, {
    concurrency: config.concurrency,
    isOurs: (ref) => ref.sourceKey === info.key && ref.tenant === config.tenant && isExternalId(ref.externalId),
    load: (id) => {
      const path = toPath(config.paths.ticket, id)
      return verifik.upstream.read({ operation: 'ticket', path, toResult: (answer) => toOneTicket(verifik, id, answer) }, call)
    },
  })
}

function toOneTicket(verifik: Verifik, id: string, answer: Answer): Ticket | null {
  const { info } = verifik
  if (answer.status === 404 || answer.status === 403) return null
  if (answer.status >= 400 || isRefusal(answer.body)) throw readRefused(info, answer.status)
  const wire = toDataTicket(answer.body)
  // Another ticket's id: whatever went wrong there, this is not the ticket that was asked for.
  if (wire?.id !== id) throw badResponse(info)
  return verifik.toTicket(wire, verifik.origin(), false)
}

export async function listTickets(verifik: Verifik, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, upstream } = verifik
  if (!config.capabilities.list) throw notOffered(info, 'listing tickets')
  const filter = toFilterQuery(request.filter)
  return readSlice(request, verifik.pageSizes, (page, pageSize) => {
    // Verifik counts pages from 1.
    const path = `${config.paths.list}?page=${page + 1}&limit=${pageSize}${filter}`
    return upstream.read(
      { operation: 'list', path, toResult: (answer) => toVendorPage(verifik, answer, page + 1, pageSize) },
      call,
    )
  })
}

function toVendorPage(verifik: Verifik, answer: Answer, page: number, pageSize: number): VendorPage {
  const { info, metrics } = verifik
  // "No support tickets found": the legacy API has no other word for an empty list.
  if (answer.status === 404) return { records: [], pageSize, total: null }
  if (answer.status >= 400 || isRefusal(answer.body)) throw readRefused(info, answer.status)
  const wire = toVerifikPage(answer.body)
  // A page other than the one asked for would make the walk skip tickets or give them twice.
  if (wire === null || (wire.page ?? page) !== page) throw badResponse(info)
  const origin = verifik.origin()
  const records = wire.list.map((ticket) => ticket && verifik.toTicket(ticket, origin, true))
  const dropped = records.filter((record) => record === null).length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  return { records, pageSize: toGivenSize(wire.limit, pageSize, records.length), total: wire.total }
}

function notOffered(source: { key: string; label: string }, what: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${source.label} is set up without ${what}.`, { source: source.key })
}
