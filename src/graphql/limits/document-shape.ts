import type { DocumentNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { beside, greatest, nothing, type Shape, shapeOfDirectives, shapeOfField } from './shape.ts'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((definition) => definition.kind === 'FragmentDefinition')
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/**
 * The largest measures among a document's definitions. Linear in its size: a fragment is measured once and
 * counts wherever it is spread, so that fragments that double each other are seen for what they are.
 * Throws GRAPHQL_VALIDATION_FAILED for a fragment that spreads itself: nothing after this can run away on one.
 */
export function measureDocument(document: DocumentNode): Shape {
  const measure = createMeasure(fragmentsOf(document))
  let largest = nothing
  for (const definition of document.definitions) {
    if (definition.kind !== 'OperationDefinition' && definition.kind !== 'FragmentDefinition') continue
    const shape = beside(measure(definition.selectionSet), shapeOfDirectives(definition.directives))
    // What stands at the top of a fragment is at the top of an operation only where it is spread there.
    largest = greatest(largest, definition.kind === 'OperationDefinition' ? shape : { ...shape, rootFields: 0 })
  }
  return largest
}

function createMeasure(fragments: Fragments) {
  const measured = new Map<string, Shape | 'open'>()

  function ofFragment(name: string): Shape {
    const known = measured.get(name)
    if (known === 'open') throw new DeskgraphError('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${name}" within itself.`)
    if (known) return known
    measured.set(name, 'open')
    const body = fragments.get(name)
    const shape = body ? ofSelections(body.selectionSet) : nothing
    measured.set(name, shape)
    return shape
  }
  function ofSelection(selection: SelectionNode): Shape {
    if (selection.kind === 'FragmentSpread') return ofFragment(selection.name.value)
    const below = selection.selectionSet ? ofSelections(selection.selectionSet) : nothing
    return selection.kind === 'InlineFragment' ? below : shapeOfField(selection, below)
  }
  function ofSelections(set: SelectionSetNode): Shape {
    return set.selections.reduce(
      (sum, selection) => beside(sum, beside(ofSelection(selection), shapeOfDirectives(selection.directives))),
      nothing,
    )
  }
  return ofSelections
}
