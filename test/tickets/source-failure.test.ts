import { describe, expect, it } from 'vitest'
import { DeskgraphError, type ErrorCode } from '../../src/domain/errors.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { toReportedFailure, toSourceFailure } from '../../src/tickets/source-failure.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk')

/** What a failure becomes, and what it leaves in the log. */
function failWith(cause: unknown, timedOut = false) {
  const logged: unknown[][] = []
  const logger = { ...noLogger, error: (...line: unknown[]) => void logged.push(line) }
  return { error: toSourceFailure(cause, info, timedOut, logger), logged }
}

describe('the failure of a source in a list or a count', () => {
  it.each<[ErrorCode, string]>([
    ['UPSTREAM_TIMEOUT', 'TIMEOUT'],
    ['UPSTREAM_RATE_LIMITED', 'RATE_LIMITED'],
    ['CIRCUIT_OPEN', 'CIRCUIT_OPEN'],
    ['BUDGET_HELD', 'BUDGET_HELD'],
    ['UPSTREAM_AUTH_FAILED', 'UNAUTHENTICATED'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['UPSTREAM_UNAVAILABLE', 'ERROR'],
    ['INTERNAL_SERVER_ERROR', 'ERROR'],
  ])('%s is reported as %s, with its message', (code, outcome) => {
    const error = new DeskgraphError(code, 'What happened.', { source: 'desk' })
    expect(toReportedFailure(error, () => 0)).toEqual({ outcome, code, error: 'What happened.', retryAt: null, cause: error })
  })

  it('says when a retry makes sense, where the source did', () => {
    const error = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'Too many calls.', { source: 'desk', retryAfter: 90 })
    expect(toReportedFailure(error, () => Date.UTC(2026, 0, 1)).retryAt).toBe('2026-01-01T00:01:30.000Z')
  })

  it('is the error that the source threw, without a line in the log', () => {
    const cause = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'desk' })
    expect(failWith(cause, true)).toEqual({ error: cause, logged: [] })
  })

  it('is thrown where the client has to correct its request', () => {
    const cause = new DeskgraphError('BAD_USER_INPUT', 'This is not a cursor.')
    expect(() => failWith(cause)).toThrow(cause)
  })

  it('is a timeout when the deadline has passed and the source threw another error', () => {
    const cause = new Error('aborted')
    const { error, logged } = failWith(cause, true)
    expect(error).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: 'Memory desk did not answer in time.',
      source: 'desk',
      cause,
    })
    expect(logged).toEqual([])
  })

  it('hides what broke inside the source from clients, and leaves it in the log', () => {
    const cause = new TypeError('secret is undefined')
    const { error, logged } = failWith(cause)
    expect(error).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      message: 'Memory desk could not be read.',
      source: 'desk',
      cause,
    })
    expect(logged).toEqual([[{ source: 'desk', err: cause }, 'a source broke while it was read']])
  })
})
