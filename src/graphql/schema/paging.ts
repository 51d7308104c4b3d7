import { DeskgraphError } from '../../domain/errors.ts'
import type { Page, PageRequest } from '../../domain/page.ts'

interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

/** Checks what a client asks for. Throws BAD_USER_INPUT for a negative or too large `first`. */
export function toPageRequest(args: PageArguments, maxPageSize: number, defaultFirst = 25): PageRequest {
  const first = args.first ?? defaultFirst
  if (first < 0 || first > maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `"first" must be from 0 to ${maxPageSize}.`)
  }
  return { first, after: args.after ?? null }
}

/** A page of a list that is already here. The cursor of an item is its id. */
export function pageOfList<T extends { readonly id: string }>(list: readonly T[], request: PageRequest): Page<T> {
  const start = request.after === null ? 0 : list.findIndex((item) => item.id === request.after) + 1
  if (request.after !== null && start === 0) throw new DeskgraphError('BAD_USER_INPUT', '"after" is not a cursor of this list.')
  const items = list.slice(start, start + request.first).map((node) => ({ cursor: node.id, node }))
  return { items, hasNextPage: start + request.first < list.length }
}

/** A page of a service. For `first: 0` one item is asked for, since only that tells whether a next page exists. */
export async function pageOfService<T>(request: PageRequest, list: (request: PageRequest) => Promise<Page<T>>): Promise<Page<T>> {
  if (request.first > 0) return list(request)
  const { items } = await list({ ...request, first: 1 })
  return { items: [], hasNextPage: items.length > 0 }
}
