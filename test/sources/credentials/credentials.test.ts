import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  type CredentialHeaders,
  type Credentials,
  isRenewable,
  sendAuthenticated,
  signInFailed,
} from '../../../src/sources/credentials/credentials.ts'
import type { OutgoingRequest } from '../../../src/sources/http-client/http-exchange.ts'
import { UpstreamError, type UpstreamErrorKind } from '../../../src/sources/http-client/upstream-error.ts'

const { signal } = new AbortController()
const [first, second] = [{ authorization: 'Bearer 1' }, { authorization: 'Bearer 2', 'x-account': '7' }]
const failed = (kind: UpstreamErrorKind) => new UpstreamError(kind, { sent: true })

interface Options {
  /** What the attempts end with, in their order. */
  readonly outcomes: readonly (string | Error)[]
  /** What a renewal gives. */
  readonly renewed?: CredentialHeaders | null | Error
  readonly body?: OutgoingRequest['body']
}

async function send({ outcomes, renewed = second, body = null }: Options) {
  const refusals: { readonly refused: CredentialHeaders; readonly signal: AbortSignal }[] = []
  const credentials: Credentials = {
    current: () => first,
    async renew(refused, by) {
      refusals.push({ refused, signal: by })
      if (renewed instanceof Error) throw renewed
      return renewed
    },
    problem: () => null,
  }
  const request: OutgoingRequest = { operation: 'a', method: 'PUT', path: '/', headers: ['accept', '*/*'], body, isRead: false }
  const sent: (readonly string[])[] = []
  const result: unknown = await sendAuthenticated(credentials, request, signal, async ({ headers }) => {
    const outcome = outcomes[sent.length]!
    sent.push(headers)
    if (outcome instanceof Error) throw outcome
    return outcome
  }).catch((error: unknown) => error)
  return { result, sent, refusals, request }
}
const withFirst = ['accept', '*/*', 'authorization', 'Bearer 1']

describe('a request with credentials that change', () => {
  it('has the present ones beside its own headers, which stay as they are', async () => {
    const { result, sent, refusals, request } = await send({ outcomes: ['ok'] })
    expect([result, sent, refusals]).toEqual(['ok', [withFirst], []])
    expect(request.headers).toEqual(['accept', '*/*'])
  })

  it('is sent once more with renewed ones after a 401', async () => {
    const { result, sent, refusals } = await send({ outcomes: [failed('unauthorised'), 'ok'], body: '{}' })
    expect(result).toBe('ok')
    expect(sent).toEqual([withFirst, ['accept', '*/*', 'authorization', 'Bearer 2', 'x-account', '7']])
    expect(refusals).toEqual([{ refused: first, signal }])
  })

  it('is not sent a third time', async () => {
    const again = failed('unauthorised')
    const { result, sent, refusals } = await send({ outcomes: [failed('unauthorised'), again] })
    expect([result, sent.length, refusals.length]).toEqual([again, 2, 1])
  })

  it('keeps its 401 where a new sign-in would not help, and the error of a renewal that fails', async () => {
    const refused = failed('unauthorised')
    expect(await send({ outcomes: [refused], renewed: null })).toMatchObject({ result: refused, sent: [withFirst] })
    const fault = new Error('no sign-in')
    expect(await send({ outcomes: [refused], renewed: fault })).toMatchObject({ result: fault, sent: [withFirst] })
  })

  it('is sent once where it ends with another error', async () => {
    for (const error of [failed('server'), failed('rateLimited'), new TypeError('a defect')])
      expect(await send({ outcomes: [error] })).toMatchObject({ result: error, sent: [withFirst], refusals: [] })
  })

  it('is sent once where its body is a stream, and the next call has renewed ones, also where this caller leaves', async () => {
    for (const renewed of [second, new Error('no sign-in')]) {
      const refused = failed('unauthorised')
      const { result, sent, refusals } = await send({ outcomes: [refused], renewed, body: Readable.from(['a']) })
      expect([result, sent]).toEqual([refused, [withFirst]])
      expect(refusals).toMatchObject([{ refused: first }])
      expect(refusals[0]!.signal).not.toBe(signal)
    }
  })
})

describe('credentials', () => {
  it('are renewable where they can be renewed', () => {
    const credentials: Credentials = { current: () => first, renew: async () => null, problem: () => null }
    expect(isRenewable(credentials)).toBe(true)
    expect(isRenewable({ renew: 'Bearer 1' })).toBe(false)
    expect(isRenewable({})).toBe(false)
  })

  it('that cannot be had are UPSTREAM_AUTH_FAILED, or UPSTREAM_UNAVAILABLE where a later call may have them', () => {
    const [source, cause] = [{ key: 'acme', label: 'Acme' }, new Error('why')]
    expect(signInFailed(source, 'sign in.')).toMatchObject({
      code: 'UPSTREAM_AUTH_FAILED',
      message: 'Acme: sign in.',
      source: 'acme',
      effect: 'none',
    })
    expect(signInFailed(source, 'wait.', { retryAfter: 7, cause })).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'Acme: wait.',
      retryAfter: 7,
      cause,
    })
  })
})
