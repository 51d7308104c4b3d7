import { type DocumentNode, Kind } from 'graphql'
import type { GraphContext } from './context.ts'

/** The lists of words that change seldom. Everything else may be another by the next moment. */
const keepable = new Set(['contactReasons', 'escalationDepartments', 'transferQueues', 'resolutionStatuses', '__typename'])

/**
 * For how many whole seconds the client may keep the answer: where it holds nothing but lists of words, each of which the operator
 * lets the gateway itself keep for longer. 0: not at all.
 */
export function keepSeconds(document: DocumentNode, { call, lookUps }: GraphContext): number {
  const kept = call.tally?.keptLookUps
  if (!kept || kept.count !== lookUps || !asksOnlyForWords(document)) return 0
  return Math.floor(kept.leftMs / 1000)
}

function asksOnlyForWords({ definitions }: DocumentNode): boolean {
  const [operation] = definitions
  return (
    definitions.length === 1 &&
    operation?.kind === Kind.OPERATION_DEFINITION &&
    operation.selectionSet.selections.every((field) => field.kind === Kind.FIELD && keepable.has(field.name.value))
  )
}
