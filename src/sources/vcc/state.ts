import type { Instant } from '../../domain/instant.ts'
import type { JsonRecord } from '../decode.ts'
import type { ReduceContext } from '../webhook-handler.ts'
import type { VccEvent } from './decode.ts'
import { isKnownSubStatus } from './statuses.ts'

/**
 * The state of a ticket between its events, stored as JSON: three layers, each of which overrides the one before it.
 *
 * VCC Live's events carry neither a time nor a sequence number, so they are ordered by their action. A late add only fills fields
 * that updates left open, and a delete overrides everything. The same events therefore end in the same ticket in every order.
 */
export interface VccState {
  readonly add: Layer | null
  readonly update: Layer | null
  readonly delete: Layer | null
  /** When the ticket's first delete arrived; null: it was not deleted. */
  readonly deletedAt: Instant | null
}

/** The merged fields of all events with one action. */
export interface Layer {
  readonly fields: JsonRecord
  /** By field: when the last event that named it arrived. */
  readonly at?: Readonly<Record<string, Instant>>
  /** The last sub-status with a documented meaning; a later unknown one does not replace it. Absent: none yet. null: cleared. */
  readonly knownSubStatus?: string | null
  readonly knownSubStatusAt?: Instant
}

/** `late` marks a replayed event: events that arrived after it may be in the state already. */
type Arrival = Pick<ReduceContext, 'receivedAt' | 'late'>

/** The state before the first event. */
export const emptyState: VccState = { add: null, update: null, delete: null, deletedAt: null }

/**
 * Merges an event into the layer of its action. A late event leads to the same state as if it had been merged when it arrived.
 */
export function reduceState(state: VccState, { action, fields }: VccEvent, arrival: Arrival): VccState {
  const layer = toLayer(state[action], fields, arrival)
  return { ...state, [action]: layer, deletedAt: action === 'delete' ? toDeletedAt(state, arrival) : state.deletedAt }
}

/** The ticket's fields from all layers together. */
export function mergedFields(state: VccState): JsonRecord {
  return [state.add, state.update, state.delete].reduce<Record<string, unknown>>(
    (merged, layer) => deepMerge(merged, layer?.fields ?? {}),
    {},
  )
}

/** The sub-status that decides the ticket's status; null: there is none with a documented meaning. */
export function findKnownSubStatus(state: VccState): string | null {
  for (const layer of [state.delete, state.update, state.add]) {
    if (layer?.knownSubStatus !== undefined) return layer.knownSubStatus
  }
  return null
}

function toLayer(before: Layer | null, event: JsonRecord, arrival: Arrival): Layer {
  const layer = before ?? { fields: {} }
  const { newer, older } = arrival.late ? splitByAge(layer, event, arrival) : { newer: event, older: {} }
  const fields = deepMerge(deepMerge(older, layer.fields), newer)
  const at = { ...layer.at, ...Object.fromEntries(Object.keys(newer).map((name) => [name, arrival.receivedAt])) }
  return { ...layer, fields, at, ...toKnownSubStatus(layer, event.subStatus, arrival) }
}

/** Splits a late event into fields that are newer than the layer's, and older ones, which only fill what the layer leaves open. */
function splitByAge({ fields, at }: Layer, event: JsonRecord, arrival: Arrival): { newer: JsonRecord; older: JsonRecord } {
  const isFieldNewer = (name: string) => !Object.hasOwn(fields, name) || isNewer(arrival, at?.[name])
  const { newer = [], older = [] } = Object.groupBy(Object.entries(event), ([name]) => (isFieldNewer(name) ? 'newer' : 'older'))
  return { newer: Object.fromEntries(newer), older: Object.fromEntries(older) }
}

/** A value whose arrival time is unknown counts as newer than a late event. */
function isNewer({ receivedAt, late }: Arrival, knownAt: Instant | undefined): boolean {
  return !late || (knownAt !== undefined && knownAt <= receivedAt)
}

function toKnownSubStatus(layer: Layer, subStatus: unknown, arrival: Arrival): Partial<Layer> {
  if (subStatus !== null && !isKnownSubStatus(subStatus)) return {}
  const isSet = layer.knownSubStatus !== undefined
  if (isSet && !isNewer(arrival, layer.knownSubStatusAt)) return {}
  return { knownSubStatus: subStatus, knownSubStatusAt: arrival.receivedAt }
}

function toDeletedAt({ deletedAt }: VccState, { receivedAt, late }: Arrival): Instant {
  return deletedAt === null || (late && receivedAt < deletedAt) ? receivedAt : deletedAt
}

/**
 * Merges `over` into a copy of `base`: absent fields stay, null clears, lists are replaced, objects are merged recursively.
 * A key `__proto__` is skipped, because assigning it would change the result's prototype.
 */
function deepMerge(base: JsonRecord, over: JsonRecord): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (key === '__proto__') continue
    const known = merged[key]
    merged[key] = isObject(value) && isObject(known) ? deepMerge(known, value) : value
  }
  return merged
}

const isObject = (value: unknown): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value)
