import type { Ticket } from '../../domain/ticket.ts'
import type { TicketPage } from '../types.ts'
import type { Taken } from './merge-sources.ts'
import { writeCursor } from './page-cursor.ts'
import type { SourceCursor } from './source-cursor.ts'

/** The page of what was taken. Cursors are made when they are read: most of them never are. */
export function toPage(lanes: readonly SourceCursor[], taken: Taken, listHash: () => string, after: string | null): TicketPage {
  return new Page(lanes, taken, createCursors(lanes, taken, listHash), after)
}

/** A class for the same reason as `toStream`: no getter in an object literal that is made for every page. */
class Page implements TicketPage {
  readonly edges: TicketPage['edges']
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number | null
  readonly sources: TicketPage['sources']
  readonly #cursors: Cursors
  /** Where the page stands when nobody was asked for it. */
  readonly #after: string | null
  readonly #asked: boolean

  constructor(lanes: readonly SourceCursor[], taken: Taken, cursors: Cursors, after: string | null) {
    const counts = lanes.map(() => 0)
    this.edges = taken.map((index, at) => new Edge(lanes[index]!.stream!.found[counts[index]!++]!, at + 1, cursors))
    this.hasNextPage = hasNextPage(lanes, taken.length)
    this.hasPreviousPage = after !== null
    this.totalCount = totalOf(lanes)
    this.sources = lanes.map((lane) => lane.report())
    this.#cursors = cursors
    this.#after = after
    this.#asked = lanes.length > 0
  }

  get endCursor(): string | null {
    return this.#asked ? this.#cursors.behind(this.edges.length) : this.#after
  }
}

/** More is to come of a source that answered; or of one that failed, as long as pages still bring something. */
function hasNextPage(lanes: readonly SourceCursor[], count: number): boolean {
  return lanes.some((lane) => lane.hasMore || (lane.fault !== null && count > 0))
}

function totalOf(lanes: readonly SourceCursor[]): number | null {
  if (lanes.length === 0) return null
  let total = 0
  for (const lane of lanes) {
    if (lane.totalCount === null) return null
    total += lane.totalCount
  }
  return total
}

class Edge {
  readonly node: Ticket
  readonly #count: number
  readonly #cursors: Cursors

  constructor(node: Ticket, count: number, cursors: Cursors) {
    this.node = node
    this.#count = count
    this.#cursors = cursors
  }

  get cursor(): string {
    return this.#cursors.behind(this.#count)
  }
}

interface Cursors {
  /** The cursor behind the first `count` tickets of the page. */
  behind(count: number): string
}

/** Goes through the page once, however many cursors are asked for in its order. */
function createCursors(lanes: readonly SourceCursor[], taken: Taken, listHash: () => string): Cursors {
  const counts = lanes.map(() => 0)
  let at = 0
  const moveTo = (count: number) => {
    for (; at < count; at++) counts[taken[at]!]! += 1
    for (; at > count; at--) counts[taken[at - 1]!]! -= 1
  }
  return {
    behind(count) {
      moveTo(count)
      const entries = lanes.map((lane, index) => lane.entryAfter(counts[index]!)).filter((entry) => entry !== null)
      return writeCursor(listHash(), entries)
    },
  }
}
