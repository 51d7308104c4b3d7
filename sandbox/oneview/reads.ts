import type { Route } from '../simulator.ts'
import { searchReasons, toTiers } from './contact-reason-tree.ts'
import { refuse } from './failures.ts'
import { departments, queues, resolutionStatuses } from './lookups.ts'
import type { OneViewState } from './state.ts'

const maxPageSize = 100

export function readRoutes(state: OneViewState): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/ticket-detail\/v1\/tickets$/,
      operation: 'list',
      handle({ query }) {
        const page = Number(query.get('page') ?? 1)
        const asked = Number(query.get('pageSize') ?? 10)
        if (!(Number.isInteger(page) && page >= 1 && Number.isInteger(asked) && asked >= 1)) return refuse(400)
        const pageSize = Math.min(asked, maxPageSize)
        return { status: 200, body: { list: state.page(page, pageSize), page, pageSize } }
      },
    },
    {
      method: 'GET',
      path: /^\/ticket-detail\/v1\/tickets\/([^/]+)$/,
      operation: 'ticket',
      handle({ params }) {
        const ticket = state.find(params[0] ?? '')
        return ticket ? { status: 200, body: ticket } : refuse(404)
      },
    },
  ]
}

export function lookupRoutes(): Route[] {
  return [
    lookup('v2/escalation/departments', 'departments', () => departments),
    lookup('v1/resolution-statuses', 'resolutionStatuses', () => ({ list: resolutionStatuses })),
    lookup('v1/queues', 'queues', () => ({ list: queues })),
    lookup('v1/ccr', 'ccr', () => ({ status_code: 200, data: toTiers() })),
    lookup('v1/ccr/search', 'ccrSearch', (query) => ({ list: searchReasons(query.get('q') ?? '') })),
  ]
}

function lookup(path: string, operation: string, answer: (query: URLSearchParams) => unknown): Route {
  return {
    method: 'GET',
    path: new RegExp(`^/ticket-detail/${path}$`),
    operation,
    handle: ({ query }) => ({ status: 200, body: answer(query) }),
  }
}
