import * as z from 'zod'
import { authConfig } from '../auth/config.ts'
import { type CacheConfig, cacheConfig } from '../cache/config.ts'
import { deliveriesConfig, retentionConfig } from '../delivery/config.ts'
import { documentsConfig, explorationConfig } from '../graphql/limits/documents-config.ts'
import { limitsConfig } from '../http/config.ts'
import { observabilityConfig } from '../observability/config.ts'
import { type SystemName, sourceSystems } from '../sources/registry.ts'
import { wasabiSinkConfig } from '../sources/wasabi/sink-config.ts'

const sourceKey = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a source key is 1 to 40 of a-z, 0-9 and -, and begins with a letter')

/** A source's block: what its system asks for, and which system it is. */
export type SourceConfig = {
  [Name in SystemName]: z.output<(typeof sourceSystems)[Name]['config']> & { system: Name; cache?: CacheConfig | undefined }
}[SystemName]

const blocks = Object.entries(sourceSystems).map(([name, { config }]) =>
  config.extend({ system: z.literal(name).describe('Which system this source is.'), cache: cacheConfig.optional() }),
)
// The registry decides which blocks there are; TypeScript cannot follow that through a list.
const source = z.discriminatedUnion('system', blocks as unknown as [z.ZodObject]) as unknown as z.ZodType<
  SourceConfig,
  Record<string, unknown>
>

const live = z
  .strictObject({
    pollIntervalMs: z
      .int()
      .min(500)
      .default(15_000)
      .describe('How often a pull source is asked for changes while somebody subscribes, in milliseconds.'),
    pollIntervalsMs: z.record(sourceKey, z.int().min(500)).default({}).describe('The same for single sources, by key.'),
  })
  .describe('How changes of pull sources are found.')

const reading = z
  .strictObject({
    scanLimit: z
      .int()
      .min(100)
      .default(1_000)
      .describe('Records of one source looked through for one page, where a filter or an order is applied here.'),
    sourceDeadlineMs: z
      .int()
      .min(100)
      .default(10_000)
      .describe('How long a page waits for one source, all its calls together, in milliseconds.'),
  })
  .describe('How lists across sources are read.')

/** The whole configuration file. */
export const gatewayConfig = z
  .strictObject({
    sandbox: z
      .boolean()
      .default(false)
      .describe(
        'Adds the sandbox: five simulated systems beside, or instead of, the sources of this file. For trying things out.',
      ),
    sources: z
      .record(sourceKey, source)
      .default({})
      .describe('The systems behind the graph, by a key of your choice. One system may appear many times.'),
    auth: authConfig.default({ mode: 'none' }).describe('Who may come in.'),
    limits: limitsConfig.prefault({}).describe('Everything that a client can have too much of.'),
    documents: documentsConfig.prefault({}).describe('Trusted documents.'),
    ...explorationConfig.shape,
    reading: reading.prefault({}),
    cacheSize: z
      .int()
      .min(100)
      .default(50_000)
      .describe('Tickets that are kept at most, all sources together, where a `cache` block keeps answers in this process.'),
    live: live.prefault({}),
    deliveries: deliveriesConfig.prefault({}),
    retention: retentionConfig.prefault({}),
    sinks: z.array(wasabiSinkConfig).default([]).describe('Where every change is handed on.'),
    observability: observabilityConfig.prefault({}).describe('What can be seen from outside.'),
  })
  .refine(({ sandbox, sources }) => sandbox || Object.keys(sources).length > 0, {
    path: ['sources'],
    message: 'name at least one source',
  })
  .describe('The configuration of a Deskgraph gateway.')
export type GatewayConfig = z.output<typeof gatewayConfig>

/** For editors: the schema of the file as it is written, before defaults. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(gatewayConfig, { io: 'input', unrepresentable: 'any' })
  return { title: 'Deskgraph configuration', ...schema }
}
