// Size of the cursors of 100 edges, and processor time of their page: `node bench/edge-cursors.ts`. Figures of
// docs/decisions/0010-edge-cursors.md.
import type { ListRequest, ListSlice } from '../src/sources/source.ts'
import type { TicketPage } from '../src/tickets/pagination/list-tickets.ts'
import { createMemorySource, type MemorySource } from '../test/support/memory-source.ts'
import { createService, toCall, toRequest } from '../test/tickets/ticket-service-fixture.ts'

const ticketsPerSource = 300
const pageSize = 100
const runs = 300
const rounds = 25

/** `index`: tells the times of its tickets from those of the other sources. */
function createFilledSource(key: string, index: number, paginationStyle: 'keyset' | 'offset'): MemorySource {
  const source = createMemorySource(key, { paginationStyle })
  for (let i = 0; i < ticketsPerSource; i++) {
    const updatedAt = new Date(Date.UTC(2024, 0, 1) + (i * 6 + index) * 61_001).toISOString()
    source.put(`${key}-${10_000 + i}`, { updatedAt })
  }
  return withStoredSlices(source)
}

/** Answers each request from a map after its first time, so that sorting the tickets in memory does not count. */
function withStoredSlices(source: MemorySource): MemorySource {
  const slices = new Map<string, Promise<ListSlice>>()
  return {
    ...source,
    listTickets(request: ListRequest, call) {
      const key = JSON.stringify(request)
      const slice = slices.get(key) ?? source.listTickets(request, call)
      slices.set(key, slice)
      return slice
    },
  }
}

const offsets = ['oneview', 'verifik', 'redmine'].map((key, index) => createFilledSource(key, index, 'offset'))
const keysets = ['vcc', 'wasabi', 'rbi'].map((key, index) => createFilledSource(key, index + 3, 'keyset'))
const { service } = createService([...offsets, ...keysets])
const readPage = (): Promise<TicketPage> => service.begin(toCall()).reads.list(toRequest({ first: pageSize }))
const sizesOf = ({ edges }: TicketPage): number[] => edges.map(({ cursor }) => cursor.length)

/** Processor time of one page, in the best of the rounds. */
async function measureMs(use: (page: TicketPage) => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let run = 0; run < runs; run++) use(await readPage())
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000 / runs)
  }
  return best
}

const page = await readPage()
const sizes = sizesOf(page)
const bytes = JSON.stringify({ edges: page.edges.map(({ cursor }) => ({ cursor })) }).length
console.log(`${sizes.length} cursors of ${Math.min(...sizes)} to ${Math.max(...sizes)} characters: ${bytes} bytes as JSON`)
console.log(`end cursor: ${page.endCursor?.length} characters`)
console.log(`a page without cursors: ${(await measureMs(() => null)).toFixed(3)} ms`)
console.log(`a page with its cursors: ${(await measureMs(sizesOf)).toFixed(3)} ms`)
