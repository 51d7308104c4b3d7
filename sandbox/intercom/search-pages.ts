import { asObject } from './endpoint.ts'
import { invalid, Refusal, refused } from './errors.ts'
import type { Oddities } from './oddities.ts'

interface Sortable {
  readonly id: string
}

export interface PageOptions<Row> {
  /** The document's default. */
  readonly perPage: number
  /** The times to sort by, in milliseconds. The first one is the default, newest first. */
  readonly sorts: Readonly<Record<string, (row: Row) => number>>
  readonly oddities: Oddities
}

/** A page of what a search found, and the `pages` of the answer. */
export interface FoundPage<Row> {
  readonly rows: readonly Row[]
  readonly pages: unknown
}

/** The largest page. */
const maxPerPage = 150

/**
 * The page that a search asks for. The cursor names the sort value and id of the last row and the page, so that a row which changes
 * during a walk moves to another place of it.
 */
export function toPage<Row extends Sortable>(
  found: readonly Row[],
  body: Readonly<Record<string, unknown>>,
  options: PageOptions<Row>,
): FoundPage<Row> {
  const { perPage, cursor } = readPagination(body.pagination, options.perPage)
  const { sortValue, direction } = readSort(body.sort, options.sorts)
  const compare = (left: Place, right: Place) =>
    direction * (left.value - right.value || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
  const places = found.map((row) => ({ row, value: sortValue(row), id: row.id })).toSorted(compare)
  const start = cursor ? places.findIndex((place) => compare(place, cursor) > 0) : 0
  const page = cursor?.page ?? 1
  const rest = start < 0 ? [] : places.slice(start)
  const rows = rest.slice(0, perPage)
  const last = rows.at(-1)
  const isEndless = options.oddities.table.endlessPages
  const next = last && (rest.length > perPage || isEndless) ? toCursor(last, page + 1) : undefined
  const again = next ?? (isEndless && cursor ? toCursor(cursor, page + 1) : undefined)
  return {
    rows: rows.map(({ row }) => row),
    pages: {
      ...{ type: 'pages', page, per_page: perPage, total_pages: Math.ceil(found.length / perPage) },
      ...(again === undefined ? {} : { next: { per_page: perPage, starting_after: again } }),
    },
  }
}

interface Place {
  readonly value: number
  readonly id: string
}

interface Pagination {
  readonly perPage: number
  readonly cursor?: Place & { readonly page: number }
}

function readPagination(given: unknown, perPageByDefault: number): Pagination {
  const { per_page: perPage = perPageByDefault, starting_after: after } = asObject(given) ?? {}
  const size = Number(perPage)
  if (!Number.isInteger(size) || size < 1) throw new Refusal(invalid('per_page is not a positive number', 'per_page'))
  if (size > maxPerPage) throw new Refusal(refused(400, 'client_error', 'Per Page is too big'))
  return after === undefined || after === null ? { perPage: size } : { perPage: size, cursor: fromCursor(after) }
}

function toCursor({ value, id }: Place, page: number): string {
  return Buffer.from(JSON.stringify([value, id, page])).toString('base64url')
}

function fromCursor(text: unknown): Place & { readonly page: number } {
  try {
    const [value, id, page] = JSON.parse(Buffer.from(String(text), 'base64url').toString('utf8'))
    if (typeof value === 'number' && typeof id === 'string' && Number.isInteger(page)) return { value, id, page }
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal(refused(400, 'invalid_param', 'starting_after is not a cursor of this search', 'starting_after'))
}

function readSort<Row>(given: unknown, sorts: PageOptions<Row>['sorts']) {
  const { field = Object.keys(sorts)[0], order = 'descending' } = asObject(given) ?? {}
  const sortValue = typeof field === 'string' && Object.hasOwn(sorts, field) ? sorts[field] : undefined
  if (!sortValue) throw new Refusal(invalid('There is no order by this field', 'sort'))
  if (order !== 'ascending' && order !== 'descending') throw new Refusal(invalid('order is ascending or descending', 'sort'))
  return { sortValue, direction: order === 'ascending' ? 1 : -1 }
}
