import type { Instant } from '../../domain/instant.ts'
import type { JsonRecord } from '../decode.ts'
import type { ReduceContext } from '../webhook-handler.ts'
import type { VccEvent } from './decode.ts'
import { deepMerge } from './deep-merge.ts'

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
  /** When the event that named a field last arrived. */
  readonly at?: Readonly<Record<string, Instant>>
  /** The last sub-status that has a meaning; a later unknown one does not hide it. Absent: none was named. null: cleared. */
  readonly knownSubStatus?: string | null
  readonly knownSubStatusAt?: Instant
}

/** When an event arrived, and whether others that arrived after it may be in the state already. */
export type Arrival = Pick<ReduceContext, 'receivedAt' | 'late'>

export const emptyState: VccState = { add: null, update: null, delete: null, deletedAt: null }

const knownSubStatuses: readonly unknown[] = ['waiting4agent', 'waiting4entity', 'successful', 'unsuccessful']

/** Is it one that decides the status? */
export function isKnownSubStatus(subStatus: unknown): subStatus is string {
  return knownSubStatuses.includes(subStatus)
}

/** Of what is there since an unknown time everything counts as newer than a late event. */
function isNewer({ receivedAt, late }: Arrival, known: Instant | undefined): boolean {
  return !late || (known !== undefined && known <= receivedAt)
}

/** The fields of an event that are newer than what the layer has of them, and those that only fill what it leaves open. */
function splitByAge({ fields, at }: Layer, event: JsonRecord, arrival: Arrival): { over: JsonRecord; under: JsonRecord } {
  const isOver = (name: string) => !Object.hasOwn(fields, name) || isNewer(arrival, at?.[name])
  const { over = [], under = [] } = Object.groupBy(Object.entries(event), ([name]) => (isOver(name) ? 'over' : 'under'))
  return { over: Object.fromEntries(over), under: Object.fromEntries(under) }
}

function toLayer(known: Layer | null, event: JsonRecord, arrival: Arrival): Layer {
  const below = known ?? { fields: {} }
  const { over, under } = arrival.late ? splitByAge(below, event, arrival) : { over: event, under: null }
  const fields = deepMerge(under ? deepMerge(under, below.fields) : below.fields, over)
  const at = { ...below.at, ...Object.fromEntries(Object.keys(over).map((name) => [name, arrival.receivedAt])) }
  return { ...below, fields, at, ...toKnownSubStatus(below, event.subStatus, arrival) }
}

function toKnownSubStatus(below: Layer, subStatus: unknown, arrival: Arrival): Partial<Layer> {
  if (subStatus !== null && !isKnownSubStatus(subStatus)) return {}
  const isSet = below.knownSubStatus !== undefined
  if (isSet && !isNewer(arrival, below.knownSubStatusAt)) return {}
  return { knownSubStatus: subStatus, knownSubStatusAt: arrival.receivedAt }
}

/**
 * Lays an event into its layer. Updates add up; an add or a delete that comes again replaces what it names. A late event
 * ends in the same state as if it had been laid there when it arrived.
 */
export function reduceState(state: VccState, { action, fields }: VccEvent, arrival: Arrival): VccState {
  const layer = toLayer(state[action], fields, arrival)
  return { ...state, [action]: layer, deletedAt: action === 'delete' ? toDeletedAt(state, arrival) : state.deletedAt }
}

/** When the first of its deletes arrived. */
function toDeletedAt({ deletedAt }: VccState, { receivedAt, late }: Arrival): Instant {
  return deletedAt === null || (late && receivedAt < deletedAt) ? receivedAt : deletedAt
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
