import type { Reply } from '../simulator.ts'

/** One fault in a request. */
export interface FieldError {
  readonly field: string
  readonly message: string
  readonly code: string
}

/** 400 for a request that is not as the documentation says. */
export function invalid(...errors: readonly FieldError[]): Reply {
  return { status: 400, body: { description: 'Validation failed', errors } }
}

export const unexpected = (field: string): FieldError => ({
  ...{ field, message: 'Unexpected/invalid field in request', code: 'invalid_field' },
})
export const missing = (field: string, message: string): FieldError => ({ field, message, code: 'missing_field' })
export const wrongValue = (field: string, message: string): FieldError => ({ field, message, code: 'invalid_value' })
export const wrongType = (field: string, message: string): FieldError => ({ field, message, code: 'datatype_mismatch' })
/** A value of a wrong type where numbers are offered, in the vendor's own words. */
export const oneOf = (values: readonly unknown[]): string => `It should be one of these values: '${values.join(',')}'`

export const notSignedIn: Reply = {
  ...{ status: 401, body: { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' } },
}
export const denied: Reply = {
  ...{ status: 403, body: { code: 'access_denied', message: 'You are not authorized to perform this action.' } },
}
/** A missing record has no body, and its type is not JSON. */
export const notFound: Reply = { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } }

/** A verb that the path does not take, now or ever. */
export function wrongMethod(allowed: readonly string[]): Reply {
  return { status: 405, headers: { allow: allowed.join(', '), 'content-type': 'text/html; charset=utf-8' } }
}

/** The body of a failure that a test asks for. */
export function toFailure(status: number): unknown {
  if (status === 401) return notSignedIn.body
  if (status === 403) return denied.body
  return { code: status === 429 ? 'rate_limited' : 'internal_error', message: 'We are sorry, but something went wrong.' }
}
