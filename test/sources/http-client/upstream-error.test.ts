import { describe, expect, it } from 'vitest'
import {
  badResponse,
  readRefused,
  toClientError,
  UpstreamError,
  type UpstreamErrorKind,
} from '../../../src/sources/http-client/upstream-error.ts'

const source = { key: 'acme', label: 'Acme' }
const errorOf = (kind: UpstreamErrorKind, status?: number) =>
  new UpstreamError(kind, { sent: true, ...(status !== undefined && { status }) })

// Each kind: the code for clients, whether the circuit breaker counts it, whether a read is tried again, and whether it shows overload.
const kinds: readonly (readonly [UpstreamErrorKind, string, boolean, boolean, boolean])[] = [
  ['refused', 'UPSTREAM_UNAVAILABLE', true, true, false],
  ['reset', 'UPSTREAM_UNAVAILABLE', true, true, true],
  ['truncated', 'UPSTREAM_BAD_RESPONSE', true, true, false],
  ['server', 'UPSTREAM_UNAVAILABLE', true, true, false],
  ['slow', 'UPSTREAM_TIMEOUT', true, true, true],
  ['deadline', 'UPSTREAM_TIMEOUT', true, false, true],
  ['notSent', 'UPSTREAM_TIMEOUT', false, false, false],
  ['cancelled', 'UPSTREAM_TIMEOUT', false, false, false],
  ['oversized', 'UPSTREAM_BAD_RESPONSE', true, false, false],
  ['unreadable', 'UPSTREAM_BAD_RESPONSE', true, false, false],
  ['redirect', 'UPSTREAM_BAD_RESPONSE', false, false, false],
  ['unauthorised', 'UPSTREAM_AUTH_FAILED', false, false, false],
  ['rateLimited', 'UPSTREAM_RATE_LIMITED', false, true, true],
  ['circuitOpen', 'CIRCUIT_OPEN', false, false, false],
  ['budgetHeld', 'BUDGET_HELD', false, false, false],
  ['bulkheadFull', 'UPSTREAM_UNAVAILABLE', false, false, false],
]

describe('an attempt without an answer', () => {
  it.each(kinds)('of the kind %s is %s', (kind, code, tripsCircuit, retryable, showsOverload) => {
    expect(errorOf(kind)).toMatchObject({ kind, code, tripsCircuit, retryable, showsOverload })
  })

  it('shows overload with the statuses of what stands before a busy server', () => {
    const shown = [500, 501, 502, 503, 504, 505].map((status) => errorOf('server', status).showsOverload)
    expect(shown).toEqual([false, false, true, true, true, false])
  })

  it('keeps whether it was sent, the wait that was asked for, and its cause', () => {
    const cause = new Error('socket')
    const error = new UpstreamError('reset', { sent: false, retryAfter: 7, cause })
    expect(error).toMatchObject({ name: 'UpstreamError', message: 'reset', sent: false, retryAfter: 7, cause })
  })
})

describe('what a client is told', () => {
  it.each([
    ['refused', 'Acme could not be reached.'],
    ['reset', 'Acme closed the connection without an answer.'],
    ['truncated', 'Acme broke off in the middle of its answer.'],
    ['server', 'Acme failed on its side.'],
    ['slow', 'Acme did not answer in time.'],
    ['deadline', 'Acme did not answer in time.'],
    ['notSent', 'Acme had too much to do to answer in time.'],
    ['cancelled', 'Acme was no longer waited for.'],
    ['oversized', 'Acme sent more than is accepted.'],
    ['unreadable', 'Acme sent an answer that could not be understood.'],
    ['redirect', 'Acme pointed elsewhere, which is not followed.'],
    ['unauthorised', "Acme did not accept the gateway's own credentials."],
    ['rateLimited', 'Acme asked for fewer calls.'],
    ['circuitOpen', 'Acme failed repeatedly and is left alone for a moment.'],
    ['bulkheadFull', 'Acme has too many calls waiting already.'],
  ] as const)('of a read that ended with %s', (kind, message) => {
    const error = errorOf(kind)
    expect(toClientError(error, source, false)).toMatchObject({ code: error.code, message, source: 'acme', cause: error })
  })

  it('of a write says that nothing was changed', () => {
    expect(toClientError(errorOf('refused'), source, true)).toMatchObject({
      message: 'Acme could not be reached; nothing was changed.',
      effect: 'none',
    })
    expect(toClientError(errorOf('refused'), source, false)).toHaveProperty('effect', undefined)
  })

  it('of a budget that is used up says when to come again', () => {
    const held = (retryAfter?: number) =>
      toClientError(new UpstreamError('budgetHeld', { sent: false, retryAfter }), source, false)
    const text = 'Acme gets no more calls for now: its budget is used up, or the rest is kept for others.'
    expect(held(12)).toMatchObject({ message: `${text} Try again in 12 s.`, retryAfter: 12 })
    expect(held()).toMatchObject({ message: `${text} Try again in 1 s.` })
  })

  it('of another error is the error itself', () => {
    const defect = new TypeError('a defect')
    expect(toClientError(defect, source, true)).toBe(defect)
  })

  it('of an answer whose content makes no sense', () => {
    const cause = new Error('no id')
    expect(badResponse(source, cause)).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'Acme sent an answer that could not be understood.',
      source: 'acme',
      cause,
    })
  })

  it('of a read that the source refuses: FORBIDDEN on a 403, else UPSTREAM_REJECTED with the status', () => {
    expect(readRefused(source, 403)).toMatchObject({
      code: 'FORBIDDEN',
      message: 'Acme does not let you read this.',
      source: 'acme',
    })
    expect(readRefused(source, 422)).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: 'Acme did not accept the request (HTTP 422).',
      source: 'acme',
    })
  })
})
