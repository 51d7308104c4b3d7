import { type FieldNode, GraphQLError, type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql'
import type { DeskgraphError } from '../domain/errors.ts'
import type { SourceReport } from '../tickets/pagination/list-tickets.ts'
import type { GraphContext } from './context.ts'
import type { ResponseContext } from './format-response.ts'

/**
 * Adds one error for each source that failed in a list, at the path of its report. The report keeps its value, which an error thrown by
 * its resolver would remove. `completeResult` adds the errors to the response.
 */
export function collectFaults(context: GraphContext, info: GraphQLResolveInfo, reports: readonly SourceReport[]): void {
  for (const [index, report] of reports.entries()) {
    if (!report.cause) continue
    const path = [...pathOf(info), ...placeOf(info, index)]
    context.faults.push(new GraphQLError(report.cause.message, { nodes: info.fieldNodes, path, originalError: report.cause }))
  }
}

/** Keeps a failure that is data in the response, with the path of its field, for the log. */
export function keepFailure(context: GraphContext, info: GraphQLResolveInfo, failure: DeskgraphError): void {
  const { message } = failure
  context.failures.push(new GraphQLError(message, { nodes: info.fieldNodes, path: pathOf(info), originalError: failure }))
}

/** The missing scopes that have hidden fields, once for the whole response; undefined: none. */
export function redactedExtensions(
  context: Pick<ResponseContext, 'redacted'>,
): { readonly redacted: readonly string[] } | undefined {
  return context.redacted.size === 0 ? undefined : { redacted: [...context.redacted] }
}

function pathOf(info: GraphQLResolveInfo): (string | number)[] {
  const keys: (string | number)[] = []
  for (let step: GraphQLResolveInfo['path'] | undefined = info.path; step; step = step.prev) keys.unshift(step.key)
  return keys
}

/** The path of the report below the list; empty when `sources` was not selected. */
function placeOf(info: GraphQLResolveInfo, index: number): (string | number)[] {
  const field = info.fieldNodes.map((node) => findSources(info, node.selectionSet?.selections ?? [])).find(Boolean)
  return field ? [field.alias?.value ?? field.name.value, index] : []
}

function findSources(info: GraphQLResolveInfo, selections: readonly SelectionNode[]): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value === 'sources') return selection
      continue
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value]
    const found = findSources(info, inner?.selectionSet.selections ?? [])
    if (found) return found
  }
  return undefined
}
