import type { Reply } from '../simulator.ts'
import type { Call } from './endpoint.ts'
import { invalid, wrongType, wrongValue } from './errors.ts'

/** The names of what pages a list. */
export const paging = ['page', 'per_page']

const mostPerPage = 100

interface Page {
  readonly page: number
  readonly perPage: number
}

/** The asked page, or the refusal. */
function pageOf({ query }: Call, maxPages: number): Page | Reply {
  const [page, perPage] = [query.get('page') ?? '1', query.get('per_page') ?? '30']
  if (!/^[1-9]\d{0,8}$/.test(page)) return invalid(wrongType('page', 'It should be a/an Positive Integer'))
  if (!/^[1-9]\d{0,8}$/.test(perPage)) return invalid(wrongType('per_page', 'It should be a/an Positive Integer'))
  if (Number(perPage) > mostPerPage) {
    return invalid(wrongValue('per_page', `It should be a Positive Integer less than or equal to ${mostPerPage}`))
  }
  if (Number(page) > maxPages) {
    const message = `You cannot access tickets beyond the ${maxPages}th page. Please provide a smaller page number.`
    return invalid(wrongValue('page', message))
  }
  return { page: Number(page), perPage: Number(perPage) }
}

/** One page of a list as a bare array. The header `link` has the address of the next page, if there is one. */
export function paginate<T>(
  call: Call,
  items: readonly T[],
  print: (item: T) => unknown,
  maxPages = Number.POSITIVE_INFINITY,
): Reply {
  const asked = pageOf(call, maxPages)
  if ('status' in asked) return asked
  const { page, perPage } = asked
  const shown = items.slice((page - 1) * perPage, page * perPage)
  const headers: Record<string, string> =
    items.length > page * perPage ? { link: `<${addressOf(call, page + 1)}>;rel="next"` } : {}
  return { status: 200, headers, body: shown.map(print) }
}

function addressOf({ origin, path, query }: Call, page: number): string {
  const next = new URLSearchParams(query)
  next.set('page', String(page))
  return `${origin}${path}?${next}`
}
