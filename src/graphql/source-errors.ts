import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import { DeskgraphError, type ErrorCode } from '../domain/errors.ts'
import type { Instant } from '../domain/instant.ts'
import type { SourceReport } from '../tickets/pagination/list-tickets.ts'
import type { GraphContext } from './context.ts'
import type { ResponseContext } from './format-response.ts'

/** A source that failed in a list, for clients that did not select the reports: an entry of `extensions.partial`. */
export interface PartialSource {
  readonly source: string
  readonly code: ErrorCode
  readonly retryAt: Instant | null
}

/** What a list has to say of one source. */
type ListedSource = Pick<SourceReport, 'source' | 'outcome' | 'cause' | 'retryAt'> & Partial<Pick<SourceReport, 'returned'>>

/**
 * Sources that failed in a list are data (DECISION-16): an error would make the usual clients throw the good page away. They are named in
 * `extensions.partial`, in the log and in the metrics. Only when no source that was asked has answered does the list also have an error.
 */
export function collectFailures(context: GraphContext, info: GraphQLResolveInfo, reports: readonly ListedSource[]): void {
  const failed = reports.flatMap(({ source, cause, retryAt }) => (cause ? [{ source, cause, retryAt }] : []))
  for (const { source, cause, retryAt } of failed) {
    keepFailure(context, info, cause)
    context.partial.set(source.key, { source: source.key, code: cause.code, retryAt })
  }
  if (failed.length === 0 || reports.some(({ outcome, returned = 0 }) => outcome === 'OK' || returned > 0)) return
  const originalError = allFailed(failed.map(({ cause }) => cause))
  context.faults.push(new GraphQLError(originalError.message, { nodes: info.fieldNodes, path: pathOf(info), originalError }))
}

function allFailed(causes: readonly DeskgraphError[]): DeskgraphError {
  const named = causes.map(({ source, code }) => `${source} (${code})`).join(', ')
  const waits = causes.flatMap(({ retryAfter }) => retryAfter ?? [])
  return new DeskgraphError('ALL_SOURCES_FAILED', `No source could be read: ${named}.`, {
    retryAfter: waits.length === causes.length ? Math.min(...waits) : undefined,
  })
}

/** Keeps a failure that is data in the response, with the path of its field, for the log. */
export function keepFailure(context: GraphContext, info: GraphQLResolveInfo, failure: DeskgraphError): void {
  const { message } = failure
  context.failures.push(new GraphQLError(message, { nodes: info.fieldNodes, path: pathOf(info), originalError: failure }))
}

/** What the response says beside its data: sources that failed in lists, and missing scopes that have hidden fields. undefined: nothing. */
export function responseExtensions({ partial, redacted }: Pick<ResponseContext, 'partial' | 'redacted'>): object | undefined {
  if (partial.size === 0 && redacted.size === 0) return undefined
  return {
    ...(partial.size > 0 && { partial: [...partial.values()] }),
    ...(redacted.size > 0 && { redacted: [...redacted] }),
  }
}

function pathOf(info: GraphQLResolveInfo): (string | number)[] {
  const keys: (string | number)[] = []
  for (let step: GraphQLResolveInfo['path'] | undefined = info.path; step; step = step.prev) keys.unshift(step.key)
  return keys
}
