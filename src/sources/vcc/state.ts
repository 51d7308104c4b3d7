import type { JsonRecord } from '../../lib/decode.ts'
import { deepMerge } from '../../lib/deep-merge.ts'
import type { Instant } from '../../lib/instant.ts'
import type { VccEvent } from './wire.ts'

/**
 * What is remembered of a ticket: three layers, the later over the earlier. VCC Live gives its events no time
 * and no number, so they are sorted by what they are: an add that comes late fills what updates left open, and a
 * delete stands above all. Every order of arrival of the same events then ends in the same ticket.
 */
export interface VccState {
  readonly add: Layer | null
  readonly update: Layer | null
  readonly delete: Layer | null
  readonly deletedAt: Instant | null
}

export interface Layer {
  readonly fields: JsonRecord
  /** The last sub-status that has a meaning; a later unknown one does not hide it. Absent: none was named. null: cleared. */
  readonly knownSubStatus?: string | null
}

export const emptyState: VccState = { add: null, update: null, delete: null, deletedAt: null }

export const knownSubStatuses = ['waiting4agent', 'waiting4entity', 'successful', 'unsuccessful'] as const

function toLayer(below: Layer | null, fields: JsonRecord): Layer {
  const merged = { ...below, fields: deepMerge(below?.fields ?? {}, fields) }
  if (!('subStatus' in fields)) return merged
  const { subStatus } = fields
  if (subStatus === null) return { ...merged, knownSubStatus: null }
  const known = knownSubStatuses.find((name) => name === subStatus)
  return known ? { ...merged, knownSubStatus: known } : merged
}

/** Lays an event into its layer. Updates add up; an add or a delete that comes again replaces what it names. */
export function foldIntoState(state: VccState, { action, fields }: VccEvent, receivedAt: Instant): VccState {
  const layer = toLayer(state[action], fields)
  const deletedAt = action === 'delete' ? (state.deletedAt ?? receivedAt) : state.deletedAt
  return { ...state, [action]: layer, deletedAt }
}

/** The ticket's fields as all layers together say. */
export function mergedFields(state: VccState): JsonRecord {
  return [state.add, state.update, state.delete].reduce<Record<string, unknown>>(
    (merged, layer) => deepMerge(merged, layer?.fields ?? {}),
    {},
  )
}

/** The sub-status that decides the status; null: none that has a meaning. */
export function knownSubStatus(state: VccState): string | null {
  for (const layer of [state.delete, state.update, state.add]) {
    if (layer?.knownSubStatus !== undefined) return layer.knownSubStatus
  }
  return null
}
