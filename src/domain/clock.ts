import { type Instant, toInstant } from './instant.ts'

/** Returns the present time in milliseconds since 1970. Tests pass a clock that they control. */
export type Clock = () => number

export const systemClock: Clock = Date.now

/** The present time of a clock. */
export function now(clock: Clock): Instant {
  return toInstant(clock())
}
