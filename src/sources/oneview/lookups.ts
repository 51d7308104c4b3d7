import type { Call } from '../../domain/call.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import type { ContactReason, ContactReasonRequest, EscalationDepartment, TransferQueue } from '../source.ts'
import { flattenTiers, toFoundReasons } from './contact-reasons.ts'
import type { OneView } from './context.ts'
import { toDepartments, toQueues, toResolutionStatuses } from './lookups-wire.ts'

/** Reads a lookup; `toResult` makes null of a body that it cannot understand. It runs per caller: languages differ. */
async function readLookup<T>(
  oneView: OneView,
  operation: string,
  path: string,
  toResult: (body: unknown) => T | null,
  call: Call,
): Promise<T> {
  const { info, upstream } = oneView
  const toBody = (answer: Answer) => {
    if (answer.status >= 400) throw readRefused(info, answer.status)
    return answer.body
  }
  const result = toResult(await upstream.read({ operation, path, toResult: toBody }, call))
  if (result === null) throw badResponse(info)
  return result
}

export function escalationDepartments(oneView: OneView, call: Call): Promise<readonly EscalationDepartment[]> {
  return readLookup(oneView, 'departments', oneView.config.paths.escalationDepartments, toDepartments, call)
}

export function transferQueues(oneView: OneView, call: Call): Promise<readonly TransferQueue[]> {
  return readLookup(oneView, 'queues', oneView.config.paths.transferQueues, toQueues, call)
}

export function resolutionStatuses(oneView: OneView, call: Call): Promise<readonly string[]> {
  return readLookup(oneView, 'resolutionStatuses', oneView.config.paths.resolutionStatuses, toResolutionStatuses, call)
}

/** A search gives the reasons that OneView finds; without one, the tree from top to bottom. */
export async function contactReasons(
  oneView: OneView,
  request: ContactReasonRequest,
  call: Call,
): Promise<readonly ContactReason[]> {
  const { paths } = oneView.config
  const { search, language, first } = request
  if (first <= 0) return []
  if (search !== null && search.trim() !== '') {
    const path = `${paths.contactReasonSearch}?q=${encodeURIComponent(search.trim())}`
    const found = await readLookup(oneView, 'contactReasonSearch', path, (body) => toFoundReasons(body, language), call)
    return found.slice(0, first)
  }
  const all = await readLookup(oneView, 'contactReasons', paths.contactReasons, (body) => flattenTiers(body, language), call)
  return all.slice(0, first)
}
