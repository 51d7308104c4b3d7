import { ArgsType, Field, Int } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
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

/** Pages of 50 by default: lists inside a ticket. */
@ArgsType()
export class TicketPartPageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: first })
  first?: number | null

  @Field(() => String, { nullable: true, description: after })
  after?: string | null
}

/** Checks the arguments of a page. Throws BAD_USER_INPUT for a negative or too large `first`. */
export function toPageRequest(args: PageArgs, maxPageSize: number, defaultFirst = 25): PageRequest {
  const size = args.first ?? defaultFirst
  if (size < 0 || size > maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `"first" must be from 0 to ${maxPageSize}.`)
  }
  return { first: size, after: args.after ?? null }
}

/** A page of a list in memory, in its order. The cursor of an item is its id. Throws BAD_USER_INPUT for another cursor. */
export function pageOfList<T extends { readonly id: string }>(list: readonly T[], request: PageRequest): Page<T> {
  const start = request.after === null ? 0 : list.findIndex((item) => item.id === request.after) + 1
  if (request.after !== null && start === 0) throw new DeskgraphError('BAD_USER_INPUT', '"after" is not a cursor of this list.')
  const items = list.slice(start, start + request.first).map((node) => ({ cursor: node.id, node }))
  return { items, hasNextPage: start + request.first < list.length }
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
