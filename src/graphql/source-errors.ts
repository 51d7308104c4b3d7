import { type FieldNode, GraphQLError, type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql'
import type { SourceReport } from '../tickets/pagination/list-tickets.ts'
import type { GraphContext } from './context.ts'
import type { ResponseContext } from './format-response.ts'

/**
 * A source that failed in a list is one error at its report's place, while the report itself is answered:
 * an error thrown there would take the report away. The errors wait in the context for `completeAnswer`.
 */
export function collectFaults(context: GraphContext, info: GraphQLResolveInfo, reports: readonly SourceReport[]): void {
  for (const [index, report] of reports.entries()) {
    if (!report.cause) continue
    const path = [...pathOf(info), ...placeOf(info, index)]
    context.faults.push(new GraphQLError(report.cause.message, { nodes: info.fieldNodes, path, originalError: report.cause }))
  }
}

/** Says once what was hidden for lack of a scope; undefined when nothing was. */
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

/** Where the report stands in the answer; the connection itself when `sources` was not selected. */
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
