import type { Reply } from '../simulator.ts'

// The refusals of the API. There are four shapes of them, and a client has to read all four.

/** `{error, description}`. */
export function refused(status: number, error: string, description: string): Reply {
  return { status, body: { error, description } }
}

/** What is wrong with a record, by field. `base` is the record as a whole. */
export type Details = Readonly<Record<string, readonly Problem[]>>

/** One thing that is wrong. What concerns a custom field names it. */
export interface Problem {
  readonly description: string
  readonly error?: string | null
  readonly ticket_field_id?: bigint
}

/** `{error, description, details}`: the record is not valid. */
export function invalidRecord(details: Details): Reply {
  return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details } }
}

/** `{errors: [{code, title}]}`: what is wrong with the paging. */
export function invalidPage(code: 'InvalidPaginationDepth' | 'InvalidPaginationParameter', title: string): Reply {
  return { status: 400, body: { errors: [{ code, title }] } }
}

/** `{error}` alone. */
export const notAuthenticated: Reply = { status: 401, body: { error: "Couldn't authenticate you" } }

/** An OAuth token that is unknown, or expired, or was replaced. */
export const invalidToken: Reply = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="Zendesk", error="invalid_token"' },
  body: {
    error: 'invalid_token',
    error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
  },
}

/** `{error: {title, message}}`: authenticated, and not allowed. */
export const forbidden: Reply = {
  status: 403,
  body: {
    error: {
      title: 'Forbidden',
      message: 'You do not have access to this page. Please contact the account owner of this help desk for further help.',
    },
  },
}

export const noRecord: Reply = refused(404, 'RecordNotFound', 'Not found')
export const noEndpoint: Reply = refused(404, 'InvalidEndpoint', 'Not found')

/** The body of an injected failure. A plain update may meet a database collision although its client did nothing wrong. */
export function toFailure(status: number): unknown {
  switch (status) {
    case 401:
      return notAuthenticated.body
    case 403:
      return forbidden.body
    case 404:
      return noRecord.body
    case 409:
      return { error: 'DatabaseConflict', description: 'Database collision' }
    case 422:
      return invalidRecord({ base: [{ description: 'The record is not valid' }] }).body
    case 429:
      return { error: 'APIRateLimitExceeded', description: 'Number of allowed API requests per minute exceeded' }
    default:
      return {
        error: 'ServiceUnavailable',
        description: 'Sorry, we could not complete your request. Please try again in a moment.',
      }
  }
}
