import type * as z from 'zod'
import type { Outbox } from '../delivery/outbox.ts'
import type { PartnerDirectory } from '../delivery/partner-directory.ts'
import type { Clock } from '../domain/clock.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { CheckpointStore, UnitOfWork } from '../domain/transaction.ts'
import type { Proxies } from '../outbound/proxies.ts'
import type { Budgets } from './budget/budgets.ts'
import type { SignIn } from './credentials/oauth-sign-in.ts'
import type { HintHandler } from './hint-handler.ts'
import type { LoginOf } from './identity-map.ts'
import type { AddMirrors } from './mirrors.ts'
import type { SourceInfo, TicketSource } from './source.ts'
import type { SourceTable } from './source-table.ts'
import type { TicketStore } from './stored-source.ts'
import type { WebhookHandler } from './webhook-handler.ts'

/**
 * Everything that the gateway knows of one vendor's system. Each vendor's `index.ts` exports one plugin, and `registry.ts`
 * lists them; no other file outside the vendor's folder imports from it.
 *
 * | part | used by |
 * |---|---|
 * | `system`, `config` | `src/config`: `sources.<key>` is a union of the plugins' blocks, told apart by `system` |
 * | `linkedFiles` | `src/config`: resolves, reads and checks each file at the start; `check-config` prints its warnings |
 * | `table` | docs/capabilities.md, which `npm run capabilities` writes |
 * | `toInfo` | the store, which returns tickets with the info of their source |
 * | `create` | the composition root, once per configured source |
 * | `ticketFormat` | `sinks` of the configuration (`type: <system>`), and `deskgraph export <system>` |
 * | `createImportHandler` | `deskgraph import <system> FILE…` |
 *
 * A pulled vendor has `system`, `table`, `config`, `toInfo` and `create`; `create` returns its `source`, and `hints` where its webhooks tell which tickets
 * have changed. An event-fed vendor also returns a `webhook`.
 * A vendor whose tickets go out to partners returns its `partners`, and hands new tickets over through `deps.outbox`.
 */
export interface SourcePlugin<System extends string = string, Config extends z.ZodObject = z.ZodObject> {
  /** The value of `system` in the configuration. Unique among the plugins. */
  readonly system: System
  /** What the system can do when nothing is switched off. */
  readonly table: SourceTable
  /** The source's block in the configuration, without the keys that every source has (`system`, `cache`). */
  readonly config: Config
  /** Further files that the block names. */
  readonly linkedFiles?: readonly LinkedFile[]
  /** The public description of a configured source. Pure. The source that `create` builds has the same. */
  toInfo(key: string, config: z.output<Config>): SourceInfo
  /** Builds one configured source. Rejects when the source cannot work with this configuration. */
  create(config: z.output<Config>, deps: SourceDeps): BuiltSource | Promise<BuiltSource>
  /** Writes the tickets of any source in this vendor's schema. */
  readonly ticketFormat?: TicketFormat
  /** Reads events of this vendor from files. With `lenient`, it repairs faults that the vendor's own examples have. */
  createImportHandler?(key: string, config: z.output<Config>, options: { readonly lenient: boolean }): WebhookHandler
}

/** Gives a plugin its exact types: `system` stays a literal, and `create` receives the configuration that `config` describes. */
export function definePlugin<const System extends string, Config extends z.ZodObject>(
  plugin: SourcePlugin<System, Config>,
): SourcePlugin<System, Config> {
  return plugin
}

/** A YAML file that a source's block names. Its path is relative to the configuration file, and `${NAME}` is interpolated. */
export interface LinkedFile {
  /** The key of the block whose value is the path. */
  readonly key: string
  readonly schema: z.ZodType
  /** What the schema allows and is probably a mistake. `file` is what the schema returned. It repeats no secret and no address. */
  findWarnings?(file: unknown): readonly { readonly path: readonly (string | number)[]; readonly problem: string }[]
}

/** One ticket as one line of NDJSON. */
export interface TicketFormat {
  /** For the configuration's schema. */
  readonly description: string
  /** Pure. The line has no line break. */
  toLine(ticket: Ticket, action: 'CREATED' | 'UPDATED'): string
}

/** What a source may be built from. */
export interface SourceDeps {
  /** The key in the configuration. */
  readonly key: string
  /** Who a viewer is at this source: for a header that names the acting agent, and for the author of a write. */
  readonly loginOf: LoginOf
  /** The stored tickets of event-fed sources. */
  readonly tickets: TicketStore
  /** Commits a new ticket together with its deliveries. */
  readonly store: UnitOfWork
  /** Keeps the last valid text of a linked file. Absent where the process only reads, as a command does. */
  readonly checkpoints?: CheckpointStore | undefined
  /** Takes deliveries to partners; null where the process only reads, as a command does. */
  readonly outbox: Outbox | null
  /** Reads YAML text by a schema, after interpolation of the environment. Throws with every fault in its message. */
  readonly readYaml: <Schema extends z.ZodType>(text: string, file: string, schema: Schema) => z.output<Schema>
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** How the source's system is reached. Absent: directly. */
  readonly proxies?: Proxies | undefined
  /** The budgets of calls. Absent: each source counts its own calls. */
  readonly budgets?: Budgets | undefined
  /** Signs in at a system by OAuth, for sources with an `oauth` block. */
  readonly signIn?: SignIn | undefined
  /** Adds what other systems call a ticket, by the key `mirrors` of the source's block. Absent: it has none. */
  readonly addMirrors?: AddMirrors | undefined
}

export interface BuiltSource {
  readonly source: TicketSource
  /** Receives the source's events; null: the source is pulled. */
  readonly webhook: WebhookHandler | null
  /** Of a pulled source: reads from its webhooks which tickets have changed. Absent or null: no webhook is configured. */
  readonly hints?: HintHandler | null
  /** Who receives the source's deliveries; absent: it has none. */
  readonly partners?: PartnerDirectory
}
