import { ArgsType, Field, Int } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { fingerprint } from '../../domain/fingerprint.ts'
import type { Page, PageRequest, Range, RangePage } from '../../domain/page.ts'
import { type Connection, pageToConnection } from './connection.ts'

const first = 'Page size: 0 to 100 (the operator may set another maximum). 0 gives an empty page.'
const after = '`pageInfo.endCursor` of the previous page; null starts at the beginning.'

/** Pages of 25 by default: lists of their own. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 25, description: first })
  first?: number | null

  @Field(() => String, { nullable: true, description: after })
  after?: string | null
}

/** Pages from either end: lists inside a ticket. The field's description says which page comes without arguments. */
@ArgsType()
export class RangeArgs {
  @Field(() => Int, { nullable: true, description: `The first items, behind \`after\` where that is given. ${first}` })
  first?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'The last items, before `before` where that is given: 0 to 100. Not together with `first`.',
  })
  last?: number | null

  @Field(() => String, { nullable: true, description: 'A cursor: only items behind it. null: from the beginning.' })
  after?: string | null

  @Field(() => String, { nullable: true, description: 'A cursor: only items before it. null: to the end.' })
  before?: string | null
}

/** Checks the arguments of a page. Throws BAD_USER_INPUT for a negative or too large `first`. */
export function toPageRequest(args: PageArgs, maxPageSize: number, defaultFirst = 25): PageRequest {
  const size = args.first ?? defaultFirst
  if (size < 0 || size > maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `"first" must be from 0 to ${maxPageSize}.`)
  }
  return { first: size, after: args.after ?? null }
}

/** Checks the arguments of a range. Throws BAD_USER_INPUT for a negative or too large size, and for `first` with `last`. */
export function toRange(args: RangeArgs, maxPageSize: number, otherwise: Pick<Range, 'from' | 'size'>): Range {
  const { first = null, last = null, after = null, before = null } = args
  if (first !== null && last !== null) throw new DeskgraphError('BAD_USER_INPUT', '"first" and "last" exclude each other.')
  const size = first ?? last ?? otherwise.size
  if (size < 0 || size > maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `"${last === null ? 'first' : 'last'}" must be from 0 to ${maxPageSize}.`)
  }
  const from = first !== null ? 'start' : last !== null ? 'end' : otherwise.from
  return { from, size, after, before }
}

/** A range of a list in memory, in its order. The cursor of an item is its id, or a hash of a long one. Throws BAD_USER_INPUT for another cursor. */
export function rangeOfList<T extends { readonly id: string }>(
  list: readonly T[],
  { from, size, after, before }: Range,
): RangePage<T> {
  const lower = after === null ? 0 : requireIndex(list, after, 'after') + 1
  const upper = before === null ? list.length : requireIndex(list, before, 'before')
  const start = from === 'start' ? lower : Math.max(lower, upper - size)
  const end = Math.max(start, from === 'start' ? Math.min(upper, lower + size) : upper)
  const items = list.slice(start, end).map((node) => ({ cursor: toCursor(node.id), node }))
  return { items, hasNextPage: end < list.length, hasPreviousPage: start > 0 }
}

/** Every edge's cursor has less than 80 characters. */
function toCursor(id: string): string {
  return id.length < 80 ? id : fingerprint(id)
}

/** Version 0.2.0 gave long ids as cursors too. */
function requireIndex(list: readonly { readonly id: string }[], cursor: string, argument: string): number {
  const index = list.findIndex(({ id }) => id === cursor || toCursor(id) === cursor)
  if (index < 0) throw new DeskgraphError('BAD_USER_INPUT', `"${argument}" is not a cursor of this list.`)
  return index
}

/**
 * A connection over the list of a service. `first: 0` asks the service for one item, because only that tells whether a
 * next page exists.
 */
export async function connectionOfService<T>(
  request: PageRequest,
  list: (request: PageRequest) => Promise<Page<T>>,
): Promise<Connection<T>> {
  const { items, hasNextPage } = await list({ ...request, first: Math.max(1, request.first) })
  const page = request.first > 0 ? { items, hasNextPage } : { items: [], hasNextPage: items.length > 0 }
  return pageToConnection(page, request.after)
}
