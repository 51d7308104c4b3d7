import type { Reply } from '../simulator.ts'

/** What the vendor has been seen to do against its own document. Off unless a test switches it on. */
export interface OddityTable {
  /** So many answers from now on are 200 with a page instead of JSON. */
  readonly withoutJson: number
  /** The last page of a search names itself as the next one, for ever. */
  readonly endlessPages: boolean
  /** Some times are in milliseconds. */
  readonly mixedTimes: boolean
}

export interface Oddities {
  set(changes: Partial<OddityTable>): void
  readonly table: OddityTable
  /** The answer, or what the oddities make of it. */
  apply(reply: Reply): Reply
}

const page = Buffer.from('<!DOCTYPE html><html><head><title>Intercom</title></head><body>Just a moment…</body></html>')

/** No oddity. */
export function createOddities(): Oddities {
  let table: OddityTable = { withoutJson: 0, endlessPages: false, mixedTimes: false }
  return {
    set(changes) {
      table = { ...table, ...changes }
    },
    get table() {
      return table
    },
    apply(reply) {
      if (reply.status >= 400 || table.withoutJson <= 0) return table.mixedTimes ? withMixedTimes(reply) : reply
      table = { ...table, withoutJson: table.withoutJson - 1 }
      return { status: 200, headers: { ...reply.headers, 'content-type': 'text/html; charset=utf-8' }, body: page }
    },
  }
}

/** `updated_at` of tickets whose id is even. */
function withMixedTimes(reply: Reply): Reply {
  const text = JSON.stringify(reply.body, (_, value) => {
    const isOdd = value?.type === 'ticket' && Number(value.id) % 2 === 0 && value.updated_at < 1e11
    return isOdd ? { ...value, updated_at: value.updated_at * 1000 } : value
  })
  return reply.body === undefined ? reply : { ...reply, body: JSON.parse(text) }
}
