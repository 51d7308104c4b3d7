import { createHash } from 'node:crypto'
import type { Reply } from '../simulator.ts'
import { hourMs } from '../times.ts'
import type { Call } from './endpoint.ts'
import { refused } from './errors.ts'

const lifetimeMs = 2 * hourMs

/** The answers of creations by their `Idempotency-Key`, for two hours. */
export interface Idempotency {
  /** Does the work, or repeats the answer that the key got. A header says which of both. */
  once(call: Call, work: () => Reply): Reply
}

/** No answers yet. Only successes are kept. */
export function createIdempotency(): Idempotency {
  const answers = new Map<string, { readonly digest: string; readonly at: number; readonly reply: Reply }>()
  return {
    once(call, work) {
      const key = call.headers['idempotency-key']
      if (typeof key !== 'string') return work()
      const digest = createHash('sha256').update(call.bytes).digest('hex')
      const known = answers.get(key)
      if (known && call.now - known.at < lifetimeMs) {
        if (known.digest !== digest) {
          return refused(400, 'IdempotentRequestError', "Request parameters don't match the given idempotency key")
        }
        return { ...known.reply, headers: { ...known.reply.headers, 'x-idempotency-lookup': 'hit' } }
      }
      const reply = work()
      if (reply.status === 201) answers.set(key, { digest, at: call.now, reply })
      return { ...reply, headers: { ...reply.headers, 'x-idempotency-lookup': 'miss' } }
    },
  }
}
