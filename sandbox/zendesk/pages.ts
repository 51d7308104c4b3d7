import type { Reply } from '../simulator.ts'
import type { Call } from './endpoint.ts'
import { invalidPage } from './errors.ts'
import { type Id, toId } from './json.ts'

// The two ways to page: by cursor (`page[size]`, `page[after]`) and the older one by offset (`page`, `per_page`).

const maxSize = 100
/** The older way ends here. */
const maxDepth = 10_000

/** A whole number to sort by. Records with the same number are sorted by id. */
export type SortKey<T> = (record: T) => number | bigint

export interface Listing<T> {
  /** The key of the list in the answer. */
  readonly key: string
  readonly records: readonly T[]
  /** What a cursor can sort by. Absent: the id alone. */
  readonly cursorSorts?: Readonly<Record<string, SortKey<T>>>
  /** What the older way can sort by. Absent: the id alone. */
  readonly offsetSorts?: Readonly<Record<string, SortKey<T>>>
  /** The order without a wish. Absent: by id, ascending. */
  readonly order?: SortKey<T>
  /** The page in the vendor's format, with what is loaded beside it. */
  print(page: readonly T[]): Readonly<Record<string, unknown>>
}

/** One page, by the way that the call's parameters choose. */
export function toPage<T extends { readonly id: Id }>(call: Call, listing: Listing<T>): Reply {
  const isByCursor = [...call.query.keys()].some((name) => name.startsWith('page['))
  return isByCursor ? byCursor(call, listing) : byOffset(call, listing)
}

interface Order<T> {
  readonly name: string
  readonly key: SortKey<T>
  readonly sign: 1 | -1
}

type Position = readonly [key: bigint, id: bigint]

/** A cursor ignores `sort_by` and `sort_order`, which belong to the older way. */
function byCursor<T extends { readonly id: Id }>(call: Call, listing: Listing<T>): Reply {
  const size = readSize(call.query.get('page[size]'))
  if (size === undefined) return invalidPage('InvalidPaginationParameter', `page[size] must be a number from 1 to ${maxSize}`)
  const order = readCursorOrder(call.query.get('sort'), listing)
  if (!order) return invalidPage('InvalidPaginationParameter', 'sort is not valid')
  const after = call.query.get('page[after]')
  const before = call.query.get('page[before]')
  const from = readCursor(after ?? before, order.name)
  if (from === null) return invalidPage('InvalidPaginationParameter', 'page[after] is not valid')
  const sorted = listing.records.toSorted(toComparison(order))
  const place = (record: T) => (from === undefined ? 1 : order.sign * compare(positionOf(record, order), from))
  const rest = before === null ? sorted.filter((record) => place(record) > 0) : sorted.filter((record) => place(record) < 0)
  const page = before === null ? rest.slice(0, size) : rest.slice(-size)
  return { status: 200, body: { ...listing.print(page), ...toCursors(call, order, page, rest.length > page.length, from) } }
}

function toCursors<T extends { readonly id: Id }>(
  call: Call,
  order: Order<T>,
  page: readonly T[],
  hasMore: boolean,
  from: Position | undefined,
) {
  const cursorOf = (record: T | undefined) => record && writeCursor(order.name, positionOf(record, order))
  const after = cursorOf(page.at(-1)) ?? null
  const before = cursorOf(page[0]) ?? null
  const addressOf = (name: string, cursor: string | null) =>
    cursor === null
      ? null
      : withParameters(call, { [`page[${name}]`]: cursor, 'page[size]': call.query.get('page[size]') ?? '100' })
  return {
    meta: { has_more: hasMore, after_cursor: after, before_cursor: before },
    links: { prev: from === undefined ? null : addressOf('before', before), next: hasMore ? addressOf('after', after) : null },
  }
}

function byOffset<T extends { readonly id: Id }>(call: Call, listing: Listing<T>): Reply {
  const page = Number(call.query.get('page') ?? 1)
  const size = Math.min(maxSize, Number(call.query.get('per_page') ?? maxSize))
  if (!Number.isInteger(page) || page < 1 || !Number.isInteger(size) || size < 1) {
    return invalidPage('InvalidPaginationParameter', 'page and per_page must be positive whole numbers')
  }
  if (page > 100 || page * size > maxDepth) {
    return invalidPage(
      'InvalidPaginationDepth',
      'Pagination requests using Offset Pagination are limited to page 100 or up to 10000 records (page * per_page)',
    )
  }
  const name = call.query.get('sort_by') ?? ''
  const key = listing.offsetSorts?.[name] ?? listing.order ?? (({ id }: T) => id)
  const sorted = listing.records.toSorted(toComparison({ name, key, sign: call.query.get('sort_order') === 'desc' ? -1 : 1 }))
  const addressOf = (number: number) => withParameters(call, { page: String(number) })
  const body = {
    ...listing.print(sorted.slice((page - 1) * size, page * size)),
    count: sorted.length,
    next_page: page * size < sorted.length ? addressOf(page + 1) : null,
    previous_page: page > 1 ? addressOf(page - 1) : null,
  }
  return { status: 200, body }
}

/** The address of another page of this call. */
export function withParameters(call: Call, parameters: Readonly<Record<string, string>>): string {
  const separator = call.path.includes('?') ? '&' : '?'
  return `${call.origin}${call.path}${separator}${new URLSearchParams(parameters)}`
}

function readSize(text: string | null): number | undefined {
  const size = text === null ? maxSize : Number(text)
  return Number.isInteger(size) && size >= 1 && size <= maxSize ? size : undefined
}

function readCursorOrder<T extends { readonly id: Id }>(sort: string | null, listing: Listing<T>): Order<T> | undefined {
  const byId: SortKey<T> = ({ id }) => id
  if (sort === null || sort === '') return { name: '', key: listing.order ?? byId, sign: 1 }
  const sign = sort.startsWith('-') ? -1 : 1
  const key = (listing.cursorSorts ?? { id: byId })[sort.replace(/^-/, '')]
  return key && { name: sort, key, sign }
}

function positionOf<T extends { readonly id: Id }>(record: T, order: Order<T>): Position {
  return [BigInt(order.key(record)), record.id]
}

function compare([key, id]: Position, [otherKey, otherId]: Position): number {
  if (key !== otherKey) return key < otherKey ? -1 : 1
  return id === otherId ? 0 : id < otherId ? -1 : 1
}

function toComparison<T extends { readonly id: Id }>(order: Order<T>): (one: T, other: T) => number {
  return (one, other) => order.sign * compare(positionOf(one, order), positionOf(other, order))
}

function writeCursor(order: string, [key, id]: Position): string {
  return Buffer.from(`${order}|${key}|${id}`).toString('base64url')
}

/** Undefined: no cursor. Null: not one of this order. */
function readCursor(text: string | null, order: string): Position | undefined | null {
  if (text === null) return undefined
  const [ofOrder, key, id] = Buffer.from(text, 'base64url').toString('utf8').split('|')
  const [keyNumber, idNumber] = [toId(key), toId(id)]
  return ofOrder === order && keyNumber !== undefined && idNumber !== undefined ? [keyNumber, idNumber] : null
}
