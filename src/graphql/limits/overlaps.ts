import type { DocumentNode, FieldNode, SelectionSetNode } from 'graphql'
import { type Fragments, fragmentsOf } from './document-shape.ts'

/**
 * How many pairs of fields graphql's OverlappingFieldsCanBeMerged would compare: those that share a name in the
 * answer, at every level. Stops counting at `limit`. Its own work is linear in the written-out fields, so measure
 * the document first (which also refuses cycles). `{ a a a … }` a thousand times is half a million pairs.
 */
export function countOverlaps(document: DocumentNode, limit: number): number {
  const fragments = fragmentsOf(document)
  let pairs = 0
  function visit(sets: readonly SelectionSetNode[]): void {
    for (const same of fieldsByName(sets, fragments).values()) {
      pairs += (same.length * (same.length - 1)) / 2
      if (pairs > limit) return
      const below = same.flatMap((field) => field.selectionSet ?? [])
      if (below.length > 0) visit(below)
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition' || definition.kind === 'FragmentDefinition') visit([definition.selectionSet])
  }
  return pairs
}

/** The fields of merged selections by their name in the answer. A fragment counts once, however often it is spread here. */
function fieldsByName(sets: readonly SelectionSetNode[], fragments: Fragments): Map<string, FieldNode[]> {
  const byName = new Map<string, FieldNode[]>()
  const spread = new Set<string>()
  function collect(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (selection.kind === 'Field') add(byName, selection)
      else if (selection.kind === 'InlineFragment') collect(selection.selectionSet)
      else collectFragment(selection.name.value)
    }
  }
  function collectFragment(name: string): void {
    const fragment = fragments.get(name)
    if (!fragment || spread.has(name)) return
    spread.add(name)
    collect(fragment.selectionSet)
  }
  for (const set of sets) collect(set)
  return byName
}

function add(byName: Map<string, FieldNode[]>, field: FieldNode): void {
  const name = (field.alias ?? field.name).value
  const same = byName.get(name)
  if (same) same.push(field)
  else byName.set(name, [field])
}
