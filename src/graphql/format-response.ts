import { type DocumentNode, type FormattedExecutionResult, type GraphQLError, Kind, type SelectionNode } from 'graphql'
import type { Call } from '../domain/call.ts'
import { type ErrorCode, errorCodes } from '../domain/errors.ts'
import { lookupNames } from '../sources/source.ts'
import type { GraphContext } from './context.ts'
import type { ErrorBoundary, ErrorSite } from './errors.ts'
import type { LazySelection } from './schema/selected-fields.ts'
import { type PartialSource, responseExtensions } from './source-errors.ts'

/** What the response of an operation needs of the operation's context. */
export interface ResponseContext {
  readonly call: Call
  readonly transport: ErrorSite['transport']
  /** Errors whose fields were answered all the same: lists of which no source could be read. */
  readonly faults: readonly GraphQLError[]
  /** Failures that are data in the response: for the log and the metrics. */
  readonly failures: readonly GraphQLError[]
  /** Sources that failed in lists, by key. */
  readonly partial: ReadonlyMap<string, PartialSource>
  /** Scopes whose absence has hidden fields. */
  readonly redacted: ReadonlySet<string>
  /** The fields of tickets that the operation selects; null: not known. Set before the execution. */
  selection?: LazySelection | undefined
}

/**
 * Adds to a formatted result what its operation's context knows: `extensions.partial` and `redacted`, errors of lists without an answer, and
 * the request id in every error. A result without any of these is returned as it is. Reports the failures that are data.
 */
export function completeResult(
  result: FormattedExecutionResult,
  context: ResponseContext,
  site: ErrorSite,
  errors: ErrorBoundary,
): FormattedExecutionResult {
  for (const failure of context.failures) errors.report(failure, site)
  const extensions = responseExtensions(context)
  if (!result.errors && !extensions) return result
  const { requestId } = site
  // The failures behind a fault have been reported one by one.
  const ofLists = context.faults.map((fault) => errors.format(fault.toJSON(), fault))
  const all = [...(result.errors ?? []), ...ofLists].map((error) => ({
    ...error,
    extensions: { ...error.extensions, requestId },
  }))
  return {
    ...result,
    ...(all.length > 0 && { errors: all }),
    ...((extensions || result.extensions) && { extensions: { ...result.extensions, ...extensions } }),
  }
}

/** The HTTP status of a result: the one of its first error's code when there is no data, else 200. */
export function toHttpStatus({ data, errors }: FormattedExecutionResult): number {
  const first = errors?.[0]
  if (!first || (data !== undefined && data !== null)) return 200
  const code = first.extensions?.code
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].status : 500
}

/** The fields of `Source` that change with the configuration only. */
const fixedFields = ['id', 'key', 'system', 'label', 'mode', 'actions', 'canCreate', 'filters', 'capabilities'] as const
/** With the lists that seldom change, such as departments and queues. Every other field may change at any moment. */
const cacheableFields: ReadonlySet<string> = new Set([...lookupNames, ...fixedFields, '__typename'])

/**
 * For how many whole seconds a client may keep the response: more than 0 only where it holds nothing but look-up lists that the operator
 * lets the gateway itself cache.
 */
export function cacheSeconds(document: DocumentNode, { call, lookUps }: GraphContext): number {
  const kept = call.stats?.cachedLookups
  if (!kept || kept.count !== lookUps || !selectsOnlyLookUps(document)) return 0
  return Math.floor(kept.leftMs / 1000)
}

function selectsOnlyLookUps({ definitions }: DocumentNode): boolean {
  const [operation] = definitions
  return (
    definitions.length === 1 &&
    operation?.kind === Kind.OPERATION_DEFINITION &&
    operation.selectionSet.selections.every((field) => selects(field, ['source', 'sources'])) &&
    operation.selectionSet.selections.flatMap(fieldsOf).every((field) => selects(field, cacheableFields))
  )
}

function selects(selection: SelectionNode, names: Iterable<string>): boolean {
  return selection.kind === Kind.FIELD && [...names, '__typename'].includes(selection.name.value)
}

function fieldsOf(selection: SelectionNode): readonly SelectionNode[] {
  return selection.kind === Kind.FIELD ? (selection.selectionSet?.selections ?? []) : []
}
