// Compares ways to page through a list whose records shift: `node bench/offset-iterator.ts`. Figures of docs/decisions/0007-offset-iterator.md.
import type { Call } from '../src/domain/call.ts'
import { anonymous } from '../src/domain/permissions.ts'
import { noMetrics } from '../src/domain/telemetry.ts'
import type { Ticket } from '../src/domain/ticket.ts'
import { assumedOrder } from '../src/sources/pagination/ticket-order.ts'
import { type OffsetCursor } from '../src/tickets/pagination/offset-cursor.ts'
import { OffsetIterator } from '../src/tickets/pagination/offset-iterator.ts'
import { encodeEntry } from '../src/tickets/pagination/page-cursor.ts'
import { createMemorySource, type MemorySource } from '../test/support/memory-source.ts'

const lists = 200
const ticketsPerList = 500
const pageSize = 25
const call: Call = { viewer: anonymous, signal: new AbortController().signal, requestId: 'bench' }

interface Page<C> {
  readonly tickets: readonly Ticket[]
  /** null: the list has ended. */
  readonly next: C | null
}
type ReadPage<C> = (source: MemorySource, cursor: C | null) => Promise<Page<C>>

const list = (source: MemorySource, from: number, limit: number) =>
  source.listTickets({ filter: {}, order: assumedOrder, position: from === 0 ? null : String(from), limit }, call)

const byOffset: ReadPage<number> = async (source, cursor) => {
  const from = cursor ?? 0
  const { tickets, end } = await list(source, from, pageSize)
  return { tickets, next: end ? null : from + tickets.length }
}

interface Last {
  readonly offset: number
  readonly key: string
}
const keyOf = (ticket: Ticket) => `${ticket.updatedAt}${ticket.externalId}`

const byOffsetAndTime: ReadPage<Last> = async (source, cursor) => {
  const from = cursor?.offset ?? 0
  const { tickets, end } = await list(source, from, pageSize)
  const unseen = tickets.filter((ticket) => cursor === null || keyOf(ticket) < cursor.key)
  const key = [...tickets.map(keyOf), ...(cursor ? [cursor.key] : [])].sort()[0]!
  return { tickets: unseen, next: end ? null : { offset: from + tickets.length, key } }
}

const fromBeginning: ReadPage<Last> = async (source, cursor) => {
  const unseen: Ticket[] = []
  for (let from = 0; ; from += pageSize) {
    const { tickets, end } = await list(source, from, pageSize)
    unseen.push(...tickets.filter((ticket) => cursor === null || keyOf(ticket) < cursor.key))
    if (unseen.length < pageSize && !end) continue
    const page = unseen.slice(0, pageSize)
    const key = [...page.map(keyOf), ...(cursor ? [cursor.key] : [])].sort()[0]!
    return { tickets: page, next: end && page.length === unseen.length ? null : { offset: 0, key } }
  }
}

let cursorBytes = 0
const byAnchors: ReadPage<OffsetCursor> = async (source, cursor) => {
  const plan = {
    source,
    order: assumedOrder,
    listOrder: assumedOrder,
    pushedDown: {},
    matches: null,
    counted: false,
    scanLimit: 1_000,
    metrics: noMetrics,
  }
  const iterator = new OffsetIterator(plan, cursor)
  await iterator.read(pageSize, call)
  const emitted = Math.min(pageSize, iterator.buffer.length)
  const position = iterator.positionAfter(emitted)!
  cursorBytes = Math.max(cursorBytes, encodeEntry('source', position).length)
  return { tickets: iterator.buffer.slice(0, emitted), next: position.kind === 'offset' ? position.cursor : null }
}

/** The same numbers in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 2_654_435_761)
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function changeOne(source: MemorySource, random: (below: number) => number, changed: Set<string>, serial: number): void {
  const ids = source.tickets().map((ticket) => ticket.externalId)
  const id = ids[random(ids.length)]!
  const kind = random(10)
  changed.add(id)
  if (kind === 0) source.put(`added-${serial}`)
  else if (kind === 1) source.remove(id)
  else source.touch(id)
}

async function measure<C>(name: string, readPage: ReadPage<C>): Promise<void> {
  let [missed, repeated, pages, calls, records] = [0, 0, 0, 0, 0]
  for (let run = 0; run < lists; run++) {
    const random = createRandom(run)
    const source = createMemorySource('source', { paginationStyle: 'offset', startAt: Date.UTC(2024, 0, 2) })
    // Five tickets share each second, as where a vendor writes times in seconds.
    for (let i = 0; i < ticketsPerList; i++) {
      source.put(`t-${i}`, { updatedAt: new Date(Date.UTC(2024, 0, 1, 0, 0, random(ticketsPerList / 5))).toISOString() })
    }
    const before = source.tickets().map((ticket) => ticket.externalId)
    const changed = new Set<string>()
    const ids: string[] = []
    for (let cursor: C | null = null, serial = 0; ; serial++) {
      const page: Page<C> = await readPage(source, cursor)
      pages += 1
      ids.push(...page.tickets.map((ticket) => ticket.externalId))
      if (page.next === null) break
      cursor = page.next
      changeOne(source, random, changed, serial)
    }
    if (before.some((id) => !changed.has(id) && !ids.includes(id))) missed += 1
    if (new Set(ids).size < ids.length) repeated += 1
    calls += source.calls.list.length
    records += source.calls.list.reduce((sum, { limit }) => sum + limit, 0)
  }
  const percent = (count: number) => `${((count / lists) * 100).toFixed(1)} %`
  console.log(
    [
      name,
      `missed ${percent(missed)}`,
      `repeated ${percent(repeated)}`,
      `calls/page ${(calls / pages).toFixed(2)}`,
      `records/page ${(records / pages).toFixed(0)}`,
    ].join(' | '),
  )
}

await measure('offset', byOffset)
await measure('offset and (time, id)', byOffsetAndTime)
await measure('from the beginning and (time, id)', fromBeginning)
await measure('one record early and anchors', byAnchors)
console.log(`longest entry of the cursor: ${cursorBytes} bytes`)
