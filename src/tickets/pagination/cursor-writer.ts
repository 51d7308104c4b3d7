import type { Ticket } from '../../domain/ticket.ts'
import { compareTexts, compareValues, orderValue } from '../../sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../sources/source.ts'
import { encodeEdgeCursor, encodeHint, toSourceHash, toSourcesHash } from './edge-cursor.ts'
import type { Emitted } from './merge-sources.ts'
import { type EdgeKey, encodeCursor, type PageStart } from './page-cursor.ts'
import type { SourceCursor } from './source-cursor.ts'

/** What a page is, for its cursors. */
export interface WrittenPage {
  readonly cursors: readonly SourceCursor[]
  readonly emitted: Emitted
  readonly order: TicketOrder
  readonly start: PageStart
  readonly listHash: () => string
}

/**
 * Writes the cursors of one page. An edge has the short edge cursor where the position of every source follows from the edge's key; else
 * the page cursor after its ticket. It counts on from the call before, so that reading all cursors is one pass.
 */
export class CursorWriter {
  readonly #page: WrittenPage
  /** True when each source gave its tickets in exactly the order of the list, so that an edge can tell the positions of all. */
  readonly #exact: boolean
  /** How many tickets of each source lie before the current position. */
  readonly #counts: number[]
  #current = 0
  readonly #sourceHashes: readonly string[]
  /** The indexes of the sources, in the order of their keys. */
  readonly #sorted: readonly number[]
  readonly #sourcesHash: string
  /** The last hint of each source, and how many of its tickets were emitted then. */
  readonly #hints: { emitted: number; text: string | null }[]

  constructor(page: WrittenPage) {
    const { cursors } = page
    this.#page = page
    this.#counts = cursors.map(() => 0)
    this.#hints = cursors.map(() => ({ emitted: -1, text: null }))
    const keys = cursors.map(({ source }) => source.info.key)
    this.#sourceHashes = keys.map(toSourceHash)
    this.#sorted = keys.map((_, index) => index).sort((a, b) => compareTexts(keys[a]!, keys[b]!))
    this.#sourcesHash = toSourcesHash(this.#sorted.map((index) => keys[index]!))
    // Two sources with one hash could not be told apart.
    const distinct = new Set(this.#sourceHashes).size === keys.length
    this.#exact = distinct && cursors.every(({ isExact }) => isExact)
  }

  /** The cursor after the first `count` tickets; `count` is at least 1. */
  edgeCursor(count: number): string {
    this.#moveTo(count)
    const key = this.#keyAt(count)
    return (key && this.#shortCursor(this.#page.emitted[count - 1]!, key)) ?? this.#pageCursor(key)
  }

  /** The page cursor after all tickets. */
  endCursor(): string {
    const count = this.#page.emitted.length
    this.#moveTo(count)
    return this.#pageCursor(count > 0 ? this.#keyAt(count) : null)
  }

  #moveTo(count: number): void {
    const { emitted } = this.#page
    for (; this.#current < count; this.#current++) this.#counts[emitted[this.#current]!]! += 1
    for (; this.#current > count; this.#current--) this.#counts[emitted[this.#current - 1]!]! -= 1
  }

  #pageCursor(last: EdgeKey | null): string {
    const { cursors, listHash } = this.#page
    const entries = cursors.map((cursor, index) => cursor.entryAfter(this.#counts[index]!)).filter((entry) => entry !== null)
    return encodeCursor(listHash(), entries, last)
  }

  #ticketOf(index: number): Ticket {
    return this.#page.cursors[index]!.iterator!.buffer[this.#counts[index]! - 1]!
  }

  /** The key of the edge at the current position; null: the positions of the sources do not follow from it. */
  #keyAt(count: number): EdgeKey | null {
    if (!this.#exact || !(this.#page.start.aligned || this.#hasCaughtUp())) return null
    const { cursors, emitted, order, start } = this.#page
    const index = emitted[count - 1]!
    const key = { value: orderValue(this.#ticketOf(index), order), sourceKey: cursors[index]!.source.info.key }
    // A ticket that was added before the last edge, in a source that had given none: the others are further.
    return start.last && compareEdgeKeys(key, start.last, order) < 0 ? null : key
  }

  /**
   * True behind a page that was not aligned, once every source that has more tickets has given one on this page: the merge gave the
   * earlier ones first.
   */
  #hasCaughtUp(): boolean {
    return this.#page.cursors.every((cursor, index) => {
      const emitted = this.#counts[index]!
      return emitted > 0 || cursor.hintAfter(emitted, () => false)?.kind === 'exhausted'
    })
  }

  #shortCursor(index: number, { value }: EdgeKey): string | null {
    const place = this.#page.cursors[index]!.iterator!.placeAfter(this.#counts[index]!)
    let hints = this.#sourcesHash
    for (const each of this.#sorted) {
      const hint = this.#hintOf(each, index)
      if (hint === null) return null
      hints += hint
    }
    return encodeEdgeCursor(this.#page.listHash(), { value, sourceHash: this.#sourceHashes[index]!, place }, hints)
  }

  /** The hint of one source at the edge of another one, or at its own. */
  #hintOf(index: number, edgeIndex: number): string | null {
    const cursor = this.#page.cursors[index]!
    const emitted = this.#counts[index]!
    const known = this.#hints[index]!
    if (known.emitted === emitted && !cursor.filters) return known.text
    const hint = cursor.hintAfter(emitted, this.#createTest(index, edgeIndex))
    const text = hint && encodeHint(hint)
    this.#hints[index] = { emitted, text }
    return text
  }

  /** Tells which records of a source come before the edge. */
  #createTest(index: number, edgeIndex: number): (ticket: Ticket) => boolean {
    const { cursors, order } = this.#page
    const edge = this.#ticketOf(edgeIndex)
    const value = orderValue(edge, order)
    const tiesPassed = compareTexts(cursors[index]!.source.info.key, cursors[edgeIndex]!.source.info.key) < 0
    return (ticket) => {
      const compared = compareValues(orderValue(ticket, order), value, order.direction)
      return compared < 0 || ticket === edge || (tiesPassed && compared === 0)
    }
  }
}

function compareEdgeKeys(a: EdgeKey, b: EdgeKey, { direction }: TicketOrder): number {
  return compareValues(a.value, b.value, direction) || compareTexts(a.sourceKey, b.sourceKey)
}
