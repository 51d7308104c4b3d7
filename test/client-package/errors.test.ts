import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../clients/typescript/src/generated/schema-facts.ts'
import {
  failedSources,
  formatDateTime,
  type GraphErrorCode,
  parseDateTime,
  parseUrl,
  readErrors,
  readPartial,
  toFormErrors,
} from '../../clients/typescript/src/index.ts'
import { errorCodes as codesOfTheGateway } from '../../src/domain/errors.ts'

/** One error as the gateway sends it (docs/errors.md). */
const rateLimited = {
  message: 'VERIFIK asks for fewer calls.',
  path: ['ticket'],
  extensions: { code: 'UPSTREAM_RATE_LIMITED', retryable: true, retryAfter: 7, source: 'verifik', requestId: '0199a0f2' },
}
const read = {
  code: 'UPSTREAM_RATE_LIMITED',
  givenCode: 'UPSTREAM_RATE_LIMITED',
  message: 'VERIFIK asks for fewer calls.',
  retryable: true,
  retryAfter: 7,
  source: 'verifik',
  path: ['ticket'],
  requestId: '0199a0f2',
}
const body = { errors: [rateLimited] }

describe('CLIENT-57: an error is read', () => {
  test.each([
    ['of a response body', body],
    ['of a list, as graphql-ws gives it', [rateLimited]],
    [
      'of Apollo Client (CombinedGraphQLErrors)',
      Object.assign(new Error('…'), { errors: [rateLimited], result: { data: null } }),
    ],
    ['of Apollo Client (ServerError)', Object.assign(new Error('…'), { statusCode: 429, bodyText: JSON.stringify(body) })],
    ['of urql (CombinedError)', Object.assign(new Error('…'), { graphQLErrors: [rateLimited], networkError: undefined })],
    ['of Relay', Object.assign(new Error('…'), { source: { data: null, errors: [rateLimited] } })],
    ['of graphql-request (ClientError)', Object.assign(new Error('…'), { response: { status: 429, ...body } })],
    ['behind a cause', new Error('…', { cause: body })],
  ])('%s', (_name, thrown) => {
    expect(readErrors(thrown)).toEqual([read])
  })

  test.each<[string, unknown, GraphErrorCode, boolean]>([
    ['a closed WebSocket whose token is not valid', { code: 4401, reason: 'The token has expired.' }, 'UNAUTHENTICATED', false],
    ['a WebSocket of a page that is not allowed', { code: 4403, reason: '…' }, 'FORBIDDEN', false],
    ['a status of graphql-sse', Object.assign(new Error('…'), { response: { status: 401 } }), 'UNAUTHENTICATED', false],
    ['a status of a proxy without a body of the gateway', { statusCode: 503, bodyText: '<html>' }, 'OVERLOADED', true],
    ['a refused connection', new TypeError('fetch failed'), 'NETWORK_ERROR', true],
    ['a lost WebSocket', { code: 1006, reason: '' }, 'NETWORK_ERROR', true],
    ['a text', 'no', 'NETWORK_ERROR', true],
  ])('from %s', (_name, thrown, code, retryable) => {
    expect(readErrors(thrown)).toMatchObject([{ code, retryable, givenCode: null }])
  })

  test('whose code is new, as OTHER with the code that was given', () => {
    const later = { message: 'Later.', extensions: { code: 'A_LATER_CODE', retryable: true } }
    expect(readErrors([later])).toMatchObject([{ code: 'OTHER', givenCode: 'A_LATER_CODE', retryable: true }])
  })

  test('and the absence of one', () => {
    expect([readErrors(undefined), readErrors(null)]).toEqual([[], []])
  })
})

test('CLIENT-57: the codes are those of the gateway, with the same word on a retry', () => {
  const codes = Object.entries(codesOfTheGateway).map(([code, { retryable }]) => [code, { retryable }])
  expect(Object.entries(errorCodes)).toEqual(codes)
})

test('missing sources are read from the reports, and from the extensions of a response without them', () => {
  const reports = ['OK', 'SKIPPED', 'TIMEOUT', 'A_LATER_OUTCOME'].map((outcome) => ({ outcome }))
  expect(failedSources(reports)).toEqual([{ outcome: 'TIMEOUT' }, { outcome: 'A_LATER_OUTCOME' }])
  expect(readPartial({ partial: [{ source: 'verifik', code: 'UPSTREAM_TIMEOUT', retryAt: null }] })).toEqual([
    { source: 'verifik', code: 'UPSTREAM_TIMEOUT', retryAt: null },
  ])
  expect([readPartial(undefined), readPartial({})]).toEqual([[], []])
})

test('user errors stand at their fields, and say whether the write may be repeated', () => {
  const refused = { field: ['input', 'department'], message: 'Unknown.', retryable: false }
  const busy = { field: null, message: 'Too many calls.', retryable: true }
  expect(toFormErrors([refused, busy])).toEqual({
    byField: { 'input.department': 'Unknown.' },
    general: ['Too many calls.'],
    mayRetry: false,
  })
  expect(toFormErrors([busy]).mayRetry).toBe(true)
  expect(toFormErrors([])).toEqual({ byField: {}, general: [], mayRetry: false })
})

test('times and addresses are read, and what is none is refused', () => {
  expect(parseDateTime('2024-02-15T14:46:46.000Z').getTime()).toBe(Date.UTC(2024, 1, 15, 14, 46, 46))
  expect(parseDateTime(null)).toBeNull()
  expect(() => parseDateTime('soon')).toThrow(RangeError)
  expect(formatDateTime(new Date(Date.UTC(2024, 1, 15)))).toBe('2024-02-15T00:00:00.000Z')
  expect(parseUrl('https://example.com/1')?.href).toBe('https://example.com/1')
  expect([parseUrl('javascript:alert(1)'), parseUrl('here'), parseUrl(null)]).toEqual([null, null, null])
})
