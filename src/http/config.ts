import { z } from 'zod'
import { signingSecret } from '../domain/config-values.ts'
import { operationLimits } from '../graphql/limits/config.ts'

const ms = (least: number) => z.number().int().min(least)

const rate = z
  .strictObject({
    perSecond: z.number().int().min(1).default(100).describe('Requests that one viewer may send per second, over time.'),
    burst: z.number().int().min(1).default(1_000).describe('Requests that one viewer may send at once.'),
  })
  .refine(({ perSecond, burst }) => burst >= perSecond, { message: 'burst must not be smaller than perSecond.', path: ['burst'] })
export type RateLimit = z.infer<typeof rate>

/** Paths that orchestrators and the monitoring ask: they are never rate-limited or shed. */
export function isForOperators(url: string): boolean {
  return url.startsWith('/health/') || url.startsWith('/metrics')
}

const overload = z.strictObject({
  eventLoopLagMs: ms(10)
    .default(200)
    .describe('From this lag of the event loop on, every new request is refused; from half of it, some.'),
  heapShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.85)
    .describe('From this share of the largest possible heap on, new requests are refused.'),
  retryAfterSeconds: z.number().int().min(1).default(2).describe('What Retry-After says then.'),
})
export type OverloadLimits = z.infer<typeof overload>

const slowClients = z.strictObject({
  headersTimeoutMs: ms(1_000).default(10_000).describe('A client must have sent its headers by then: 408.'),
  requestTimeoutMs: ms(1_000).default(30_000).describe('A client must have sent its whole request by then: 408.'),
  keepAliveTimeoutMs: ms(1_000)
    .default(65_000)
    .describe('How long an idle connection is kept: longer than a load balancer keeps its own.'),
  maxHeaderBytes: ms(1_024).default(16_384).describe('Request line and headers together. Over it: 431.'),
})
export type SlowClientLimits = z.infer<typeof slowClients>

/** As browsers write an origin: in lower case, without a path, and without the port that the scheme has by default. */
function isOrigin(text: string): boolean {
  if (text === '*') return true
  const url = URL.parse(text.replace(/:\*$/, ''))
  if (!url || url.host === '') return false
  return text.replace(/:\*$/, '') === `${url.protocol}//${url.host}`
}

/** Where clients reach the gateway, and what browsers may do. */
export const httpConfig = z.strictObject({
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .refine((text) => {
      const url = URL.parse(text)
      return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
    }, 'must have no credentials, query or fragment')
    .transform((text) => text.replace(/\/+$/, ''))
    .optional()
    .describe(
      'Where clients reach the gateway, such as https://deskgraph.example: addresses of files begin with it. Absent: no uploads, and files keep the addresses of their sources.',
    ),
  fileKey: signingSecret
    .optional()
    .describe(
      'The secret that closes the addresses of files. Replicas need the same one. Absent: each process makes its own at its start.',
    ),
  allowedOrigins: z
    .array(
      z.string().refine(isOrigin, {
        error: 'must be an origin as browsers send it, such as https://app.example or http://localhost:* for every port, or *',
      }),
    )
    .default([])
    .describe(
      'The origins whose pages may ask the gateway from a browser: CORS and WebSockets. `http://localhost:*` has every port; `*` is every origin.',
    ),
})

/** Every limit on what a client may send. docs/security.md has the table. */
export const limitsConfig = operationLimits.extend({
  bodyBytes: ms(1_024).default(262_144).describe('The body of one GraphQL request. Over it: 413.'),
  webhookBytes: ms(1_024).default(1_048_576).describe('The body of one webhook. Over it: 413.'),
  uploadBytes: ms(1_024).default(20_971_520).describe('One file that `createUpload` announces. Over it: 413.'),
  operationTimeoutMs: ms(100).default(30_000).describe('After this long an operation is stopped and answers with what it has.'),
  subscriptionsPerConnection: ms(1).default(20).describe('Open subscriptions of one WebSocket connection.'),
  rate: rate.prefault({}).describe('Requests per viewer, or per address when the viewer is anonymous. Over it: 429.'),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe('Load balancers in front: from these addresses X-Forwarded-For says who asks. From no others.'),
  overload: overload.prefault({}).describe('When the process protects itself: 503.'),
  slowClients: slowClients.prefault({}).describe('How long a client may take.'),
})
