import type { Call } from '../../domain/call.ts'
import { type EntityRef, isExternalId } from '../../domain/ids.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import { readSlice } from '../pagination/paged-list.ts'
import type { ListRequest, ListSlice } from '../source.ts'
import { fillPath, notOffered, toRequestedTicket, toVendorPage } from '../vendor-api.ts'
import { type OneViewTicket, toOneViewPage, toOneViewTicket } from './decode.ts'
import type { OneView } from './index.ts'

/** `GET /v1/tickets/{id}` for each distinct ticket. */
export async function loadTickets(oneView: OneView, refs: readonly EntityRef[], call: Call): Promise<readonly LoadResult[]> {
  const { info, config } = oneView
  if (!config.capabilities.ticket) return refs.map(() => notOffered(info, 'reading single tickets'))
  return loadEach(refs, {
    concurrency: config.concurrency,
    isOwn: (ref) => ref.sourceKey === info.key && ref.tenant === config.tenant && isExternalId(ref.externalId),
    load: (id) => readTicket(oneView, 'ticket', id, (wire) => oneView.toTicket(wire, oneView.origin(), false), call),
  })
}

/** The untranslated ticket; null where there is none or the viewer may not see it. */
export function readWireTicket(oneView: OneView, id: string, call: Call): Promise<OneViewTicket | null> {
  return readTicket(oneView, 'ticketEntity', id, (wire) => wire, call)
}

function readTicket<T>(
  { info, config, upstream }: OneView,
  operation: string,
  id: string,
  translate: (wire: OneViewTicket) => T,
  call: Call,
): Promise<T | null> {
  return upstream.read(
    {
      operation,
      path: fillPath(config.paths.ticket, id),
      toResult(answer) {
        const wire = toRequestedTicket(info, id, answer, toOneViewTicket)
        return wire && translate(wire)
      },
    },
    call,
  )
}

/** `GET /v1/tickets?page&pageSize`. OneView applies no filter and returns no total. */
export async function listTickets(oneView: OneView, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, upstream } = oneView
  if (!config.capabilities.list) throw notOffered(info, 'listing tickets')
  return readSlice(request, oneView.pageSizes, (index, pageSize) => {
    // OneView counts pages from 1.
    const page = index + 1
    return upstream.read(
      {
        operation: 'list',
        path: `${config.paths.list}?page=${page}&pageSize=${pageSize}`,
        toResult(answer) {
          if (answer.status >= 400) throw readRefused(info, answer.status)
          return toVendorPage(oneView, toOneViewPage(answer.body), { page, pageSize })
        },
      },
      call,
    )
  })
}
