import { type Instant, toInstant } from './instant.ts'

/** Where "now" comes from, so that a test can hold it still. Milliseconds since 1970. */
export type Clock = () => number

export const systemClock: Clock = Date.now

export function now(clock: Clock): Instant {
  return toInstant(clock())
}
