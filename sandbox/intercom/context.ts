import type { Call, Endpoints } from './endpoint.ts'
import type { Oddities } from './oddities.ts'
import type { IntercomState } from './state.ts'
import type { Printing } from './wire.ts'

/** What the routes of the API share. */
export interface Context {
  readonly state: IntercomState
  readonly endpoints: Endpoints
  readonly oddities: Oddities
  /** How records are written in the answer to this call. */
  printingOf(call: Call): Printing
  /** How long the search of contacts does not know a new one. */
  readonly contactLagMs: number
  /** How long a job takes. */
  readonly jobDelayMs: number
}
