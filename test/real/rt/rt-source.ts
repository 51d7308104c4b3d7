import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { createRtSource } from '../../../src/sources/rt/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import type { RtServer } from './rt-server.ts'
import type { RtLogin } from './seed.ts'

/** The words of the seed. */
export const seededDialect = {
  channelField: 'Channel',
  tagsField: 'Tags',
  customFieldTypes: { Amount: 'NUMBER', 'Follow up': 'DATE', 'Call at': 'DATETIME', Regions: 'CHOICES' },
} as const

/** The source over this server, with the token of one of the seed's people. */
export function rtSourceAt(
  { url, tokens }: Pick<RtServer, 'url' | 'tokens'>,
  login: RtLogin = 'ann',
  changes: Record<string, unknown> = {},
): TicketSource {
  const config = rtConfig.parse({
    url,
    token: tokens[login],
    timeoutMs: 30_000,
    agentGroups: ['Agents'],
    dialect: seededDialect,
    ...changes,
  })
  return createRtSource(config, {
    key: 'rt',
    loginOf: ({ id }) => (id in tokens ? id : null),
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
  })
}

export function rtRef(externalId: string | number) {
  return { kind: 'ticket' as const, sourceKey: 'rt', tenant: '', externalId: String(externalId) }
}

/** RT's own REST API, as one of the seed's people sees it: what tests compare the source with. Throws for another status than 2xx. */
export function rtRest({ url, tokens }: Pick<RtServer, 'url' | 'tokens'>, login: RtLogin) {
  return async <T = unknown>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/REST/2.0${path}`, {
      method,
      headers: { authorization: `token ${tokens[login]}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
    return JSON.parse(text) as T
  }
}
