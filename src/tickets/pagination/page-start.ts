import type { ListPoint } from '../../sources/pagination/list-point.ts'
import { compareTexts, type OrderKey } from '../../sources/pagination/ticket-order.ts'
import type { TicketFilter, TicketOrder, TicketSource } from '../../sources/source.ts'
import { decodeEdgeCursor, type EdgePoint, isEdgeCursor, toSourceHash, toSourcesHash } from './edge-cursor.ts'
import { cursorAtTies, type Ties } from './offset-cursor.ts'
import { beginning, decodeCursor, type PageStart, type SourcePosition } from './page-cursor.ts'
import { sortsInGateway } from './source-cursor.ts'
import type { PositionHint } from './ticket-iterator.ts'

/** The list that a page belongs to. */
export interface ListedSources {
  readonly conditions: TicketFilter
  readonly order: TicketOrder
  readonly sources: readonly TicketSource[]
  /** `toListHash`, computed when it is first asked for. */
  readonly listHash: () => string
}

/** Where the page after a cursor starts; `after` null: at the beginning. Throws BAD_USER_INPUT for a cursor of another list. */
export function toPageStart(after: string | null, list: ListedSources): PageStart {
  if (after === null) return beginning
  if (!isEdgeCursor(after)) return decodeCursor(after, list.listHash())
  return toAlignedStart(decodeEdgeCursor(after, list.listHash()), list)
}

/**
 * Each source starts at the edge's key. Where the viewer cannot see the edge's source any more, the tickets of the others with the same
 * value count as not emitted: one may come twice, and none is missed.
 */
function toAlignedStart(point: EdgePoint, { conditions, order, sources }: ListedSources): PageStart {
  const sorted = [...sources].sort((a, b) => compareTexts(a.info.key, b.info.key))
  const sameSources =
    point.sourcesHash === toSourcesHash(sorted.map(({ info }) => info.key)) && point.hints.length === sorted.length
  const sourceKey = sorted.find(({ info }) => toSourceHash(info.key) === point.sourceHash)?.info.key ?? ''
  const positions = new Map<string, SourcePosition>()
  for (const [index, source] of sorted.entries()) {
    const { key } = source.info
    const hint = sameSources ? point.hints[index]! : null
    const position = toSourcePosition(
      source,
      conditions,
      order,
      toPoint(point, key, sourceKey),
      toTies(point, key === sourceKey),
      hint,
    )
    if (position) positions.set(key, position)
  }
  return { positions, aligned: true, last: { value: point.value, sourceKey } }
}

/** Equal values sort by source key. */
function toPoint({ value, place }: EdgePoint, key: string, sourceKey: string): ListPoint {
  if (key !== sourceKey) return { value, passed: compareTexts(key, sourceKey) < 0 ? 'ALL' : 'NONE' }
  return { value, passed: place.kind === 'key' ? place.key : 'NONE' }
}

function toTies({ place }: EdgePoint, isOwn: boolean): Ties | null {
  return isOwn && place.kind === 'ties' ? place.ties : null
}

/**
 * The position of a source at a point of the list. `ties`: of the edge's own source, where it is offset-paginated. `hint`: what the cursor
 * says of the source; null: the cursor was written for other sources. undefined: the beginning.
 */
function toSourcePosition(
  source: TicketSource,
  conditions: TicketFilter,
  order: TicketOrder,
  point: ListPoint,
  ties: Ties | null,
  hint: PositionHint | null,
): SourcePosition | undefined {
  if (hint?.kind === 'exhausted') return hint
  const { value, passed } = point
  if (conditions.ids || sortsInGateway(source, order)) return { kind: 'sorted', block: null, after: toOrderKey(point) }
  if (source.paginationStyle === 'keyset') {
    return source.toPosition && { kind: 'keyset', position: source.toPosition(point, order) }
  }
  if (hint?.offset === 0) return undefined
  const offset = hint?.offset ?? 1
  if (ties) return { kind: 'offset', cursor: cursorAtTies(ties, offset, value) }
  const cursor = { offset, lastValue: value, anchors: '', orderBroken: false }
  return { kind: 'offset', cursor: passed === 'ALL' ? { ...cursor, tiesPassed: true } : cursor }
}

/** No tenant and no external id has this character. It sorts behind all others. */
const last = '\uffff'

function toOrderKey({ value, passed }: ListPoint): OrderKey {
  if (passed === 'NONE') return [value, '', '']
  return passed === 'ALL' ? [value, last, last] : [value, passed.tenant, passed.externalId]
}
