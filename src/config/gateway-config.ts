import * as z from 'zod'
import { authConfig } from '../auth/config.ts'
import { cacheConfig } from '../cache/config.ts'
import { deliveriesConfig } from '../delivery/config.ts'
import { documentsConfig, explorationConfig } from '../graphql/limits/config.ts'
import { httpConfig, limitsConfig } from '../http/config.ts'
import { retentionConfig } from '../jobs/housekeeping.ts'
import { observabilityConfig } from '../observability/config.ts'
import type { OAuthConfig } from '../sources/credentials/config.ts'
import { createSecretKeys, type SecretKeys, secretsConfig } from '../sources/credentials/secret-keys.ts'
import { createIdentityMap, type IdentityMap, identityConfig } from '../sources/identity-map.ts'
import { mirrorsConfig } from '../sources/mirrors.ts'
import { findPlugin, sourcePlugins } from '../sources/registry.ts'
import type { SourcePlugin, TicketFormat } from '../sources/source-plugin.ts'

const sourceKey = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a source key is 1 to 40 of a-z, 0-9 and -, and begins with a letter')

/** The keys that every source has beside those of its plugin. */
const commonKeys = {
  cache: cacheConfig.optional(),
  publicFields: z
    .array(z.string().min(1))
    .optional()
    .describe('Keys of custom fields that never hold personal data. They are shown without the scope `customers:pii`.'),
}

/** Events of a source have no fields that could name another system. */
const pulledKeys = { mirrors: mirrorsConfig.optional() }

type BlockOf<Plugin> =
  Plugin extends SourcePlugin<infer System, infer Config>
    ? z.output<Config> &
        z.output<z.ZodObject<typeof commonKeys>> & { system: System; mirrors?: z.output<typeof mirrorsConfig> | undefined }
    : never

/** A source's block: what its plugin asks for, and the keys that every source has. */
export type SourceConfig = BlockOf<(typeof sourcePlugins)[number]>

const blocks = sourcePlugins.map(({ system, config, table }: SourcePlugin) =>
  config.safeExtend({
    system: z.literal(system).describe('The system that this source is.'),
    ...commonKeys,
    ...(table.live === 'POLLING' && pulledKeys),
  }),
)
// The blocks come from the registry. TypeScript cannot infer their union from a list.
const source = z.discriminatedUnion('system', blocks as unknown as [z.ZodObject]) as unknown as z.ZodType<
  SourceConfig,
  Record<string, unknown>
>

const sinks = sourcePlugins.flatMap((plugin: SourcePlugin) =>
  plugin.ticketFormat ? [toSinkConfig(plugin.system, plugin.ticketFormat)] : [],
)

/** A sink that appends every change to a file in the format of one plugin. */
function toSinkConfig(system: string, format: TicketFormat) {
  return z
    .strictObject({
      type: z.literal(system).describe(format.description),
      name: z
        .string()
        .regex(/^[a-z0-9-]{1,40}$/)
        .default(system)
        .describe('Under this name the sink remembers how far it has come.'),
      file: z.string().min(1).describe('The NDJSON file that events are appended to.'),
    })
    .describe(`A sink that emits the tickets of every source in the format of ${system}.`)
}
const sink = z.discriminatedUnion('type', sinks as [(typeof sinks)[number], ...typeof sinks])

const live = z
  .strictObject({
    pollIntervalMs: z
      .int()
      .min(500)
      .default(15_000)
      .describe('How often a polled source is read for changes while a client subscribes, in milliseconds.'),
    pollIntervalsMs: z
      .record(sourceKey, z.int().min(500))
      .default({})
      .describe('The poll interval of single sources, by key, in milliseconds.'),
  })
  .describe('Polling of the sources that send no events.')

const reading = z
  .strictObject({
    scanLimit: z
      .int()
      .min(100)
      .default(1_000)
      .describe('Records of one source read for one page at most, where the gateway filters or sorts for the source.'),
    sourceDeadlineMs: z
      .int()
      .min(100)
      .default(10_000)
      .describe('How long a page waits for one source, over all its calls, in milliseconds.'),
  })
  .describe('Limits of lists over several sources.')

const shutdown = z
  .strictObject({
    delayMs: z
      .int()
      .min(0)
      .max(300_000)
      .default(5_000)
      .describe(
        'How long the gateway goes on serving after SIGTERM, while /health/ready is 503, so that balancers send no more to it.',
      ),
  })
  .describe('The end of the process.')

/** The whole configuration file. */
export const gatewayConfig = z
  .strictObject({
    sandbox: z
      .boolean()
      .default(false)
      .describe('Adds the sandbox: simulated systems, beside the sources of this file or alone. For trials, not for production.'),
    sources: z
      .record(sourceKey, source)
      .default({})
      .describe('The systems behind the graph, by a key of your choice. One system may have several keys.'),
    auth: authConfig.default({ mode: 'none' }).describe('How clients are authenticated.'),
    identity: identityConfig.prefault({}),
    secrets: secretsConfig.prefault({}),
    http: httpConfig.prefault({}).describe('Where clients reach the gateway, and what browsers may do.'),
    limits: limitsConfig.prefault({}).describe('Limits on what one client may use.'),
    documents: documentsConfig.prefault({}).describe('Trusted documents.'),
    ...explorationConfig.shape,
    federation: z
      .boolean()
      .default(false)
      .describe('Makes the graph a subgraph of Apollo Federation 2, for a router: adds `_entities` and `_service`.'),
    reading: reading.prefault({}),
    cacheSize: z
      .int()
      .min(100)
      .default(50_000)
      .describe('Tickets in the in-process cache at most, over all sources that have a `cache` block.'),
    live: live.prefault({}),
    deliveries: deliveriesConfig.prefault({}),
    retention: retentionConfig.prefault({}),
    shutdown: shutdown.prefault({}),
    sinks: z.array(sink).default([]).describe('Where every change is written to.'),
    observability: observabilityConfig.prefault({}).describe('Logs, metrics, traces and the audit log.'),
  })
  .refine(({ sandbox, sources }) => sandbox || Object.keys(sources).length > 0, {
    path: ['sources'],
    message: 'name at least one source',
  })
  .superRefine(checkIdentity)
  .refine(({ auth, http }) => auth.mode !== 'none' || !http.allowedOrigins.includes('*'), {
    path: ['http', 'allowedOrigins'],
    message: '* needs auth.mode jwt: without sign-in, every web page that is open on this machine could read all tickets',
  })
  .refine(({ federation, documents }) => !federation || documents.mode !== 'only', {
    path: ['documents', 'mode'],
    message: 'federation needs off or prefer: a router writes its own operations, which no manifest has',
  })
  .describe('The configuration of a Deskgraph gateway.')
export type GatewayConfig = z.output<typeof gatewayConfig>

/** A login at a source that does not exist is a spelling mistake, and two claims for one thing cannot both hold. */
function checkIdentity({ sandbox, sources, auth, identity }: Checked, context: z.RefinementCtx): void {
  const sandboxKeys = sandbox ? sourcePlugins.map(({ system }): string => system) : []
  for (const [value, logins] of Object.entries(identity.map)) {
    for (const key of Object.keys(logins)) {
      if (Object.hasOwn(sources, key) || sandboxKeys.includes(key)) continue
      context.addIssue({ code: 'custom', path: ['identity', 'map', value, key], message: 'there is no source with this key' })
    }
  }
  const claim = auth.mode === 'jwt' ? auth.claims.identity : 'email'
  if (identity.claim === undefined || claim === 'email' || claim === identity.claim) return
  context.addIssue({ code: 'custom', path: ['identity', 'claim'], message: 'auth.claims.identity names another claim: keep one' })
}
interface Checked {
  readonly sandbox: boolean
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly auth: z.output<typeof authConfig>
  readonly identity: z.output<typeof identityConfig>
}

/** The block `auth`, with the claim of the block `identity`. */
export function toAuth({ auth, identity }: GatewayConfig): GatewayConfig['auth'] {
  if (auth.mode === 'none') return auth
  return { ...auth, claims: { ...auth.claims, identity: identity.claim ?? auth.claims.identity } }
}

/** Who the viewers are at the sources. */
export function toIdentityMap({ identity, sources }: GatewayConfig): IdentityMap {
  const takesClaim = (key: string) => {
    const system = sources[key]?.system
    return system !== undefined && findPlugin(system)?.table.takesIdentityClaim !== false
  }
  return createIdentityMap(identity, takesClaim)
}

/** What stored secrets are encrypted with; null: there is no key. `ofEnvironment`: the value of DESKGRAPH_SECRETS_KEY. */
export function toSecretKeys({ secrets }: Pick<GatewayConfig, 'secrets'>, ofEnvironment: string | null): SecretKeys | null {
  const key = secrets.key ?? ofEnvironment
  return key === null ? null : createSecretKeys([key, ...secrets.otherKeys])
}

/** The keys of the sources that sign in by OAuth. */
export function findOAuthSources({ sources }: Pick<GatewayConfig, 'sources'>): string[] {
  return Object.keys(sources).filter((key) => oauthOf(sources[key]!) !== null)
}

/** The block `oauth` of a source; null: it has none. */
export function oauthOf(source: SourceConfig): OAuthConfig | null {
  return ((source as { readonly oauth?: OAuthConfig }).oauth ?? null) satisfies OAuthConfig | null
}

/** By source: the keys of custom fields that hold no personal data. */
export function toPublicFields({ sources }: GatewayConfig): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(sources).map(([key, { publicFields }]) => [key, publicFields ?? []]))
}

/** The JSON Schema of the file as an operator writes it, before defaults. Editors complete and check by it. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(gatewayConfig, { io: 'input', unrepresentable: 'any' })
  return { title: 'Deskgraph configuration', ...schema }
}
