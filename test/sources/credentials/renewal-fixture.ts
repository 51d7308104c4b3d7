import { MockAgent } from 'undici'
import { expect, onTestFinished } from 'vitest'
import { type Metrics, noMetrics } from '../../../src/domain/telemetry.ts'
import { type OAuthConfig, oauthConfig } from '../../../src/sources/credentials/config.ts'
import { TokenRenewal, type TokenRenewalDeps } from '../../../src/sources/credentials/token-renewal.ts'
import { openTokens, type TokenRow, type TokenRows } from '../../../src/sources/credentials/token-store.ts'
import { createMemoryTokenRows } from '../../support/memory-token-rows.ts'
import { keys } from './oauth-fixture.ts'

/** What the token endpoint answers: tokens as JSON, an error of RFC 6749 §5.2, or a status with headers. */
export interface EndpointAnswer {
  readonly status?: number
  readonly body?: object
  readonly headers?: Record<string, string>
}

export interface RenewalOptions {
  readonly config?: Partial<OAuthConfig>
  readonly rows?: TokenRows
  readonly answers?: readonly EndpointAnswer[]
  readonly random?: () => number
}

/** 2026-01-01T00:00:00.000Z. */
export const newYear = Date.UTC(2026, 0, 1)

export const issue = (index: number, members: object = {}): EndpointAnswer => ({
  body: {
    access_token: `access-${index}`,
    token_type: 'bearer',
    expires_in: 3600,
    refresh_token: `refresh-${index}`,
    ...members,
  },
})
export const refusal: EndpointAnswer = { status: 400, body: { error: 'invalid_grant' } }

/** A source whose token endpoint gives these answers in turn, on a clock that the test moves. Its first refresh token is `refresh-0`. */
export function startEndpoint({ config = {}, answers = [issue(1)], random = () => 0, ...given }: RenewalOptions) {
  const time = { now: newYear }
  const clock = () => time.now
  const rows = given.rows ?? createMemoryTokenRows(clock)
  const agent = new MockAgent()
  agent.disableNetConnect()
  onTestFinished(() => agent.close())
  const forms: Readonly<Record<string, string>>[] = []
  const queue = [...answers]
  agent
    .get('https://id.acme.test')
    .intercept({ path: '/token', method: 'POST' })
    .reply(({ body }) => {
      forms.push(Object.fromEntries(new URLSearchParams(String(body))))
      const { status = 200, body: data = {}, headers = {} } = queue.shift() ?? { status: 500 }
      return { statusCode: status, data: JSON.stringify(data), responseOptions: { headers } }
    })
    .persist()
  const outcomes: unknown[] = []
  const gauges = new Map<string, number>()
  const metrics: Metrics = {
    ...noMetrics,
    count: (name, labels, by) => void outcomes.push([name, (labels as { outcome: string }).outcome, by]),
    set(name, value, labels) {
      expect(labels).toEqual({ source: 'acme' })
      gauges.set(name, value)
    },
  }
  const oauth = oauthConfig.parse({
    ...{ tokenUrl: 'https://id.acme.test/token', clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh-0' },
    ...config,
  })
  const source = { key: 'acme', label: 'Acme', oauth }
  const deps: TokenRenewalDeps = { rows, keys, agent, holder: 'replica-1', metrics, clock, random }
  /** The refresh tokens that the endpoint was asked with. */
  const spent = () => forms.map(({ refresh_token }) => refresh_token)
  const row = async () => (await rows.find('acme')) as TokenRow
  const stored = async () => openTokens(keys, await row())
  return { time, rows, agent, forms, queue, outcomes, gauges, source, deps, spent, row, stored }
}

export function startRenewal(options: RenewalOptions = {}) {
  const endpoint = startEndpoint(options)
  const renewal = new TokenRenewal(endpoint.source, endpoint.deps)
  /** Renews until this is true of the row; by default never, so that there is one exchange. */
  const renew = (isGood: (row: TokenRow) => boolean = () => false) => renewal.renew(isGood).catch((error: unknown) => error)
  return { ...endpoint, renewal, renew }
}
