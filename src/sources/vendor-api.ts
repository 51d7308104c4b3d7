import type { Dispatcher } from 'undici'
import * as z from 'zod'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { outcomeUnknown, rejected, type WriteResult } from '../domain/writes.ts'
import type { Proxies } from '../outbound/proxies.ts'
import { type BudgetRules, type Budgets, createBudgets } from './budget/budgets.ts'
import type { BudgetConfig } from './budget/limits.ts'
import type { OAuthConfig } from './credentials/config.ts'
import { type CredentialHeaders, type Credentials, isRenewable } from './credentials/credentials.ts'
import type { SignIn } from './credentials/oauth-sign-in.ts'
import type { upstreamConfig } from './http-client/config.ts'
import { createHttpClient } from './http-client/http-client.ts'
import type { Answer, HttpClient, WriteAnswer } from './http-client/types.ts'
import { badResponse, readRefused } from './http-client/upstream-error.ts'
import type { LoginOf } from './identity-map.ts'
import { createInstallationTables, type InstallationTables } from './installation-tables.ts'
import type { AddMirrors } from './mirrors.ts'
import { createPageSizes, type PageSizes, toGivenSize, type VendorPage } from './pagination/paged-list.ts'
import type { Origin, SourceInfo } from './source.ts'
import { createTranslate, type Mapping, type Translate } from './translate.ts'

// What sources that call their vendor's REST API share: configuration, context, and the meaning of an answer.

/** A switch of the configuration: false where this deployment of the vendor lacks the operation. */
export function capability(description: string) {
  return z.boolean().default(true).describe(description)
}

/** A configured path below the base URL. */
export function pathTemplate(fallback: string, description: string) {
  return z
    .string()
    .regex(/^\/[A-Za-z0-9._~/{}-]*$/, 'must begin with "/" and may hold {id}')
    .default(fallback)
    .describe(description)
}

/** The path with the escaped id in place of `{id}`. */
export function fillPath(template: string, id: string): string {
  return template.replace('{id}', encodeURIComponent(id))
}

/** The configuration that every such source has. */
export interface VendorConfig {
  readonly url: string
  /** A token that never changes. Absent: the source signs in by `oauth`, or gives its own credentials to `createVendorApi`. */
  readonly token?: string | undefined
  readonly oauth?: OAuthConfig | undefined
  readonly timeoutMs: number
  readonly label: string
  readonly tenant: string
  readonly pageSize: number
  readonly upstream: z.output<typeof upstreamConfig>
  /** As `budgetConfig` or `ownBudgetConfig` describes it. Absent: the source has no budget. */
  readonly budget?: BudgetConfig | undefined
}

export interface VendorDeps {
  /** The source's key in the configuration. */
  readonly key: string
  readonly loginOf: LoginOf
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly proxies?: Proxies | undefined
  /** Opens the budget of the source. Absent: the calls of this source are counted for themselves. */
  readonly budgets?: Budgets | undefined
  /** Signs in by OAuth. Absent: the source has no `oauth` block. */
  readonly signIn?: SignIn | undefined
  /** For tests: in place of the source's own connections. */
  readonly dispatcher?: Dispatcher | undefined
  /** Adds what other systems call the same ticket. Absent: the configuration names no other system. */
  readonly addMirrors?: AddMirrors | undefined
}

/** What every operation of one source works with. */
export interface VendorApi<Config, VendorTicket> {
  readonly info: SourceInfo
  readonly config: Config
  readonly upstream: HttpClient
  readonly metrics: Metrics
  readonly pageSizes: PageSizes
  readonly tables: InstallationTables
  readonly toTicket: Translate<VendorTicket>
  /** The origin of an answer that arrives now. */
  origin(): Origin
}

export function createVendorApi<Config extends VendorConfig, VendorTicket extends { readonly id: string }>(options: {
  readonly info: SourceInfo
  readonly config: Config
  readonly mapping: Mapping<VendorTicket>
  readonly deps: VendorDeps
  /** The header that carries the viewer's login; absent: none does. */
  readonly identityHeader?: string
  /**
   * What authenticates the gateway: headers that never change, or a provider of headers. Absent: an access token of the `oauth` block of the
   * configuration, else its `token`, as a bearer token.
   */
  readonly credentials?: CredentialHeaders | Credentials
  /** The vendor's limits by plan, and how its headers are read. Absent: only the operator's own numbers limit calls. */
  readonly budget?: BudgetRules
}): VendorApi<Config, VendorTicket> {
  const { info, config, mapping, deps, identityHeader } = options
  const { key, metrics, clock } = deps
  const { budgets = createBudgets(deps), addMirrors, ...clientDeps } = deps
  const rules = options.budget ?? { plans: {} }
  const credentials = options.credentials ?? toCredentials(config, deps)
  const upstream = createHttpClient({
    ...clientDeps,
    sourceKey: key,
    label: config.label,
    baseUrl: config.url,
    timeoutMs: config.timeoutMs,
    ...(isRenewable(credentials) ? { credentials } : { headers: credentials }),
    identity: identityHeader === undefined ? null : { header: identityHeader, loginOf: deps.loginOf },
    limits: config.upstream,
    budget: (config.budget && budgets.open({ ...rules, sourceKey: key, config: config.budget })) ?? undefined,
  })
  return {
    info,
    config,
    upstream,
    metrics,
    pageSizes: createPageSizes(config.pageSize),
    tables: createInstallationTables({ loginOf: identityHeader === undefined ? null : deps.loginOf, clock }),
    toTicket: createTranslate({ mapping, key, baseUrl: config.url, addMirrors, metrics }),
    origin: () => ({ source: info, tenant: config.tenant, observedAt: now(clock) }),
  }
}

function toCredentials({ token, oauth, label }: VendorConfig, { key, signIn }: VendorDeps): CredentialHeaders | Credentials {
  if (oauth === undefined) return token === undefined ? {} : { authorization: `Bearer ${token}` }
  if (signIn === undefined) throw new Error(`The source ${key} has an oauth block, and nothing to sign in with.`)
  return signIn({ key, label, oauth })
}

/** The fault of a read that the configuration switches off. */
export function notOffered({ key, label }: SourceInfo, operation: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${label} is set up without ${operation}.`, { source: key })
}

/**
 * The requested ticket in an answer; null where there is none or the viewer may not see it (404, 403).
 * Throws for every other answer, also for another ticket than the requested one.
 */
export function toRequestedTicket<T extends { readonly id: string }>(
  info: SourceInfo,
  id: string,
  answer: Answer,
  decode: (body: unknown) => T | null,
): T | null {
  if (answer.status === 404 || answer.status === 403) return null
  if (answer.status >= 400) throw readRefused(info, answer.status)
  const wire = decode(answer.body)
  if (wire?.id !== id) throw badResponse(info)
  return wire
}

/** A decoded page of a vendor's list. null in `list` stands for a record that is not a ticket. */
export interface DecodedPage<VendorTicket> {
  readonly list: readonly (VendorTicket | null)[]
  /** As the answer says; null where it does not. */
  readonly page: number | null
  readonly pageSize: number | null
  readonly total: number | null
}

/** Translates a page and counts its dropped records. `requested.page` is the page by the vendor's own count. */
export function toVendorPage<VendorTicket>(
  api: VendorApi<unknown, VendorTicket>,
  decoded: DecodedPage<VendorTicket> | null,
  requested: { readonly page: number; readonly pageSize: number },
): VendorPage {
  const { info, metrics } = api
  // Another page than the requested one would make an iterator skip tickets, or return them twice.
  if (decoded === null || (decoded.page ?? requested.page) !== requested.page) throw badResponse(info)
  const origin = api.origin()
  const records = decoded.list.map((wire) => wire && api.toTicket(wire, origin, true))
  const dropped = records.filter((record) => record === null).length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  return { records, pageSize: toGivenSize(decoded.pageSize, requested.pageSize, records.length), total: decoded.total }
}

export interface WriteInterpretation {
  readonly source: { readonly key: string; readonly label: string }
  /** The ticket to change; null for a new one. */
  readonly ref: EntityRef | null
  /** The result of a 2xx answer. */
  readonly toApplied: (answer: Answer) => WriteResult
  /** The input field that a 400 or 422 is about; null where the answer does not tell. */
  readonly toField: (answer: Answer) => readonly string[] | null
}

/** The result of a write by its answer. It never repeats the vendor's text, which may hold personal data. */
export function toWriteResult(written: WriteAnswer, { source, ref, toApplied, toField }: WriteInterpretation): WriteResult {
  if (written.ended === 'unconfirmed') return outcomeUnknown(ref)
  const { answer } = written
  const { key, label } = source
  // A 200 that is not JSON comes from a proxy: whether the source did the write is unknown.
  if (answer.status < 300) return answer.readable ? toApplied(answer) : outcomeUnknown(ref)
  switch (answer.status) {
    case 400:
    case 413:
    case 422:
      return rejected('INVALID', `${label} did not accept the input.`, toField(answer))
    case 403:
      return rejected('FORBIDDEN', `${label} does not let you do this.`)
    case 404:
      return rejected('NOT_FOUND', `${label} does not know this ticket.`)
    case 405:
      return rejected('NOT_SUPPORTED', `${label} does not offer this.`)
    case 408:
      return outcomeUnknown(ref)
    case 409:
    case 412:
    case 423:
      return rejected('CONFLICT', `${label} says that the ticket's present state does not allow this.`)
    default:
      throw new DeskgraphError('UPSTREAM_REJECTED', `${label} refused the change (HTTP ${answer.status}).`, { source: key })
  }
}
