import { failedSources, readErrors } from '@deskgraph/client'

/** A value of an enum as text: IN_PROGRESS is "In progress". A value that the page does not know yet is shown the same way. */
export const label = (value: string): string => value.charAt(0) + value.slice(1).toLowerCase().replaceAll('_', ' ')

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })

/** The time of day for today, else the day with its time. */
export function formatTime(value: string): string {
  const date = new Date(value)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? time.format(date) : `${day.format(date)}, ${time.format(date)}`
}

/** What a source did for one list. */
export interface SourceReport {
  readonly outcome: string
  readonly retryAt?: string | null
  readonly source: { readonly key: string; readonly label: string }
}

const outcomes: Readonly<Record<string, string>> = {
  TIMEOUT: 'did not answer in time',
  UNAUTHENTICATED: 'refuses our credentials',
  FORBIDDEN: 'refuses you',
  RATE_LIMITED: 'was asked too often',
  BUDGET_HELD: 'allows no more calls for now',
  CIRCUIT_OPEN: 'has failed several times',
}

/** One sentence on each source whose tickets are missing from the list. */
export function missingSources(reports: readonly SourceReport[]): string[] {
  return failedSources(reports).map(({ outcome, retryAt, source }) => {
    const later = retryAt ? ` Try again at ${formatTime(retryAt)}.` : ''
    return `${source.label} ${outcomes[outcome] ?? 'failed'}: its tickets are missing.${later}`
  })
}

/** What any of the three clients has thrown, in words. The id finds the request in the log of the gateway. */
export function describeError(thrown: unknown): string {
  const [error] = readErrors(thrown)
  if (!error) return 'There was no answer.'
  if (error.code === 'NETWORK_ERROR') return 'The gateway cannot be reached.'
  return error.requestId === null ? error.message : `${error.message} (Request ${error.requestId})`
}

/** The part of a mutation's result that every page shows. */
export interface WriteResult {
  readonly outcome: string
  readonly userErrors: readonly { readonly message: string; readonly retryable: boolean }[]
}

/** What to say after a write; null when all of it was done. */
export function writeProblem({ outcome, userErrors }: WriteResult): string | null {
  if (outcome === 'APPLIED') return null
  if (outcome === 'QUEUED') return 'It is stored and will be delivered.'
  if (outcome === 'UNKNOWN') return 'The source did not confirm it. Check the ticket before you repeat it.'
  return userErrors.map(({ message }) => message).join(' ') || 'It was not done.'
}
