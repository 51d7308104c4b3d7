/**
 * The TypeScript types of the graph's own scalars, as they are in JSON. A time stays text, so that caches can compare and store it; the
 * functions of this module read and write it.
 */
export interface Scalars {
  /** RFC 3339, from the gateway always UTC with milliseconds: "2024-02-15T14:46:46.000Z". */
  readonly DateTime: string
  readonly EmailAddress: string
  /** An absolute address with http or https. */
  readonly URL: string
  readonly JSON: unknown
}

/** The same as names, for the settings of compilers such as graphql-codegen (`scalars`) and relay-compiler (`customScalarTypes`). */
export const scalarTypes = { DateTime: 'string', EmailAddress: 'string', URL: 'string', JSON: 'unknown' } as const

/** A time of the graph as a `Date`. null and undefined stay null. Throws a RangeError for a text that is no time. */
export function parseDateTime(value: string): Date
export function parseDateTime(value: string | null | undefined): Date | null
export function parseDateTime(value: string | null | undefined): Date | null {
  if (value === null || value === undefined) return null
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) throw new RangeError('This is not a time in RFC 3339 format.')
  return date
}

/** A `Date` as the graph takes it in filters and inputs. Throws a RangeError for an invalid date. */
export function formatDateTime(date: Date): string {
  return date.toISOString()
}

/** An address of the graph, checked once more before it becomes a link: null unless it is http or https. */
export function parseUrl(value: string | null | undefined): URL | null {
  if (value === null || value === undefined || !URL.canParse(value)) return null
  const url = new URL(value)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}
