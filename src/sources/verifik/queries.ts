import type { Call } from '../../domain/call.ts'
import { type EntityRef, isExternalId } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { toTerms } from '../filter-table.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import { readSlice } from '../pagination/paged-list.ts'
import type { ListRequest, ListSlice } from '../source.ts'
import { type DecodedPage, fillPath, notOffered, toRequestedTicket, toVendorPage } from '../vendor-api.ts'
import { isRefusal, toTicketOfBody, toVerifikPage, type VerifikTicket } from './decode.ts'
import type { Verifik } from './index.ts'
import { filters } from './mapping.ts'

/** `GET /v2/support-tickets/{id}` for each distinct ticket. */
export async function loadTickets(verifik: Verifik, refs: readonly EntityRef[], call: Call): Promise<readonly LoadResult[]> {
  const { info, config, upstream } = verifik
  if (!config.capabilities.ticket) return refs.map(() => notOffered(info, 'reading single tickets'))
  return loadEach(refs, {
    concurrency: config.concurrency,
    isOwn: (ref) => ref.sourceKey === info.key && ref.tenant === config.tenant && isExternalId(ref.externalId),
    load(id) {
      const toResult = (answer: Answer) => toLoaded(verifik, id, answer)
      return upstream.read({ operation: 'ticket', path: fillPath(config.paths.ticket, id), toResult }, call)
    },
  })
}

function toLoaded(verifik: Verifik, id: string, answer: Answer): Ticket | null {
  throwIfRefused(verifik, answer)
  const wire = toRequestedTicket(verifik.info, id, answer, toTicketOfBody)
  return wire && verifik.toTicket(wire, verifik.origin(), false)
}

/** `GET /v2/support-tickets?page&limit`, with the conditions that Verifik applies. */
export async function listTickets(verifik: Verifik, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, upstream } = verifik
  if (!config.capabilities.list) throw notOffered(info, 'listing tickets')
  const filter = (toTerms(filters, request.filter, null) ?? []).map((term) => `&${term}`)
  return readSlice(request, verifik.pageSizes, (index, pageSize) => {
    // Verifik counts pages from 1.
    const page = index + 1
    const path = `${config.paths.list}?page=${page}&limit=${pageSize}${filter.join('')}`
    return upstream.read({ operation: 'list', path, toResult: (answer) => toPage(verifik, answer, { page, pageSize }) }, call)
  })
}

function toPage(verifik: Verifik, answer: Answer, requested: { readonly page: number; readonly pageSize: number }) {
  return toVendorPage(verifik, decodePage(verifik, answer), requested)
}

/** null: the answer is not a page. */
export function decodePage(verifik: Verifik, answer: Answer): DecodedPage<VerifikTicket> | null {
  // The legacy API answers an empty list with 404 "No support tickets found".
  if (answer.status === 404) return { list: [], page: null, pageSize: null, total: null }
  if (answer.status >= 400) throw readRefused(verifik.info, answer.status)
  throwIfRefused(verifik, answer)
  return toVerifikPage(answer.body)
}

function throwIfRefused({ info }: Verifik, { status, body }: Answer): void {
  if (status < 300 && isRefusal(body)) throw readRefused(info, status)
}
