import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { CountKey } from '../domain/source-info.ts'
import type { Ticket, TicketChannel, TicketPriority, TicketStatus } from '../domain/ticket.ts'

// Lists and counts of a source: what is asked for, and what is given.

/** Conditions that a ticket meets all of. A list means "any of". Absent or null: no condition. Texts are never blank (DECISION-38). */
export interface TicketFilter {
  readonly status?: readonly TicketStatus[] | null
  readonly priority?: readonly TicketPriority[] | null
  readonly channel?: readonly TicketChannel[] | null
  /** Category codes. */
  readonly category?: readonly string[] | null
  /** Global ids of tickets. An empty list matches nothing. */
  readonly ids?: readonly string[] | null
  /** An assignee's external id, name or e-mail address, in any casing. */
  readonly assignee?: string | null
  /** The viewer's own login at each source as an assignee, in the same forms, by source key. No entry: no ticket of the source matches. */
  readonly assignedTo?: Readonly<Record<string, string>> | null
  /** true: no agent has the ticket. */
  readonly unassigned?: true | null
  readonly customer?: EntityRef | null
  readonly customerEmail?: string | null
  readonly vendor?: EntityRef | null
  /** An order's external id. */
  readonly orderId?: string | null
  readonly tags?: readonly string[] | null
  /** A part of title, description, number or external id, in any casing. */
  readonly text?: string | null
  readonly createdAfter?: Instant | null
  readonly createdBefore?: Instant | null
  readonly updatedAfter?: Instant | null
  readonly updatedBefore?: Instant | null
}

export interface TicketOrder {
  readonly field: 'UPDATED_AT' | 'CREATED_AT' | 'PRIORITY'
  readonly direction: 'ASC' | 'DESC'
}

/** Requests a slice of a source's list. */
export interface ListRequest {
  /** The source applies its pushdown filters of it and ignores the others. */
  readonly filter: TicketFilter
  /** Without keyset pagination: the latest update first, or an order that the source `sorts`. */
  readonly order: TicketOrder
  /** A position of an earlier slice, behind which this one starts. null: the start of the list. */
  readonly position: string | null
  /** How many tickets the caller wants. The slice may have fewer before its end. */
  readonly limit: number
  /** false: the caller does not read `totalCount`, which then may be null. */
  readonly counted?: boolean
  /** The source's `listedFields` that the caller reads: the tickets may have them (`toSummaryWith`). Absent: none. */
  readonly wanted?: readonly (keyof Ticket)[]
}

export interface ListSlice {
  /** In the order of the list. */
  readonly tickets: readonly Ticket[]
  /** The position behind each ticket, by index, so that iteration may resume after any ticket. Same length as `tickets`. */
  readonly positions: readonly string[]
  /** True when no ticket follows. */
  readonly end: boolean
  /** How many tickets match in all; null: the source cannot say. */
  readonly totalCount: number | null
  /** How many records were left out because they could not be decoded. */
  readonly dropped: number
}

/** Requests a slice of a source's export of changes. */
export interface ChangesRequest {
  /** Where the export begins when there is no cursor. */
  readonly since: Instant
  /** The cursor of the slice before; null: there was none. */
  readonly cursor: string | null
  /** How many records the caller wants. The slice may have fewer or more. */
  readonly limit: number
}

export interface ChangesSlice {
  /** As lists have them. */
  readonly tickets: readonly Ticket[]
  /** The tickets that are gone. */
  readonly removed: readonly EntityRef[]
  /** Where the next slice begins; null: as this one. It is stored. */
  readonly cursor: string | null
  /** True when nothing follows now. */
  readonly end: boolean
}

/** Asks how many tickets of a source match a filter. */
export interface CountRequest {
  readonly filter: TicketFilter
  /** What they are grouped by. SOURCE: only their number is asked for. */
  readonly by: CountKey
}

/** How many tickets of one source match. */
export interface TicketTally {
  /** In all groups, also in those that are not listed; null: the source does not say. */
  readonly total: number | null
  /** A key repeats never. A count may be 0. Empty for SOURCE. */
  readonly groups: readonly TallyGroup[]
  /** True when no ticket has a key that is not listed. */
  readonly complete: boolean
}
export interface TallyGroup {
  /** null: tickets without a value. */
  readonly key: string | null
  /** The name for people, where it differs from the key. */
  readonly label: string | null
  readonly count: number
  /** False: the source cannot tell these tickets from those of another group. */
  readonly exact: boolean
}

/**
 * How positions of a source's list work.
 * - `keyset`: a position is a key of (time, id), and the list has exactly the requested order. A change shifts no other ticket.
 * - `cursor`: a position is opaque (`cursor-list.ts`). The latest update comes first. A change moves its ticket, and shifts no other one.
 * - `offset`: a position is a count of records, as decimal text. The vendor orders the list, and does not document how; the latest
 *   update is assumed to come first. Changes shift records, so the iterator reads some records twice and skips those it knows.
 */
export type PaginationStyle = 'keyset' | 'cursor' | 'offset'
