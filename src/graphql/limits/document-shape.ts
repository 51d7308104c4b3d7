import type {
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'

/** What can be counted without a schema, of one operation with its fragments written out. */
export interface Shape {
  readonly depth: number
  /** Levels below `__schema` and `__type`, which do not count as `depth`: tools ask deeper than operations may. */
  readonly introspectionDepth: number
  /** Levels of lists and objects in arguments that are written into the document. */
  readonly literalDepth: number
  readonly fields: number
  readonly rootFields: number
  readonly aliases: number
  readonly directives: number
}

const emptyShape: Shape = {
  depth: 0,
  introspectionDepth: 0,
  literalDepth: 0,
  fields: 0,
  rootFields: 0,
  aliases: 0,
  directives: 0,
}

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((definition) => definition.kind === 'FragmentDefinition')
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

/**
 * The largest measures of the definitions of a document. The work is linear in the size of the document: a fragment is
 * measured once and counts wherever it is spread, so that fragments which double each other get their true size.
 * Throws GRAPHQL_VALIDATION_FAILED for a fragment that spreads itself; the checks after this one rely on that.
 */
export function measureDocument(document: DocumentNode): Shape {
  const measure = createMeasure(fragmentsOf(document))
  let largest = emptyShape
  for (const definition of document.definitions) {
    if (definition.kind !== 'OperationDefinition' && definition.kind !== 'FragmentDefinition') continue
    const shape = sum(measure(definition.selectionSet), shapeOfDirectives(definition.directives))
    // The top fields of a fragment are root fields only where an operation spreads it.
    largest = maximum(largest, definition.kind === 'OperationDefinition' ? shape : { ...shape, rootFields: 0 })
  }
  return largest
}

function createMeasure(fragments: Fragments) {
  const measured = new Map<string, Shape | 'running'>()

  function ofFragment(name: string): Shape {
    const known = measured.get(name)
    if (known === 'running') {
      throw new DeskgraphError('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${name}" within itself.`)
    }
    if (known) return known
    measured.set(name, 'running')
    const body = fragments.get(name)
    const shape = body ? ofSelections(body.selectionSet) : emptyShape
    measured.set(name, shape)
    return shape
  }
  function ofSelection(selection: SelectionNode): Shape {
    if (selection.kind === 'FragmentSpread') return ofFragment(selection.name.value)
    const children = selection.selectionSet ? ofSelections(selection.selectionSet) : emptyShape
    return selection.kind === 'InlineFragment' ? children : shapeOfField(selection, children)
  }
  function ofSelections(set: SelectionSetNode): Shape {
    return set.selections.reduce(
      (shape, selection) => sum(shape, sum(ofSelection(selection), shapeOfDirectives(selection.directives))),
      emptyShape,
    )
  }
  return ofSelections
}

function shapeOfField(field: FieldNode, children: Shape): Shape {
  const introspects = field.name.value === '__schema' || field.name.value === '__type'
  return {
    depth: introspects ? 1 : children.depth + 1,
    introspectionDepth: introspects ? children.depth + 1 : children.introspectionDepth,
    literalDepth: Math.max(children.literalDepth, ...(field.arguments ?? []).map(({ value }) => depthOfLiteral(value))),
    fields: children.fields + 1,
    rootFields: 1,
    aliases: children.aliases + (field.alias ? 1 : 0),
    directives: children.directives,
  }
}

function shapeOfDirectives(directives: readonly DirectiveNode[] | undefined): Shape {
  return directives?.length ? { ...emptyShape, directives: directives.length } : emptyShape
}

/** Two selections of one set: counts add up, depths are the larger of both. */
function sum(one: Shape, other: Shape): Shape {
  return combine(one, other, (a, b) => a + b)
}

/** The larger of each measure. */
function maximum(one: Shape, other: Shape): Shape {
  return combine(one, other, Math.max)
}

function combine(one: Shape, other: Shape, count: (a: number, b: number) => number): Shape {
  return {
    depth: Math.max(one.depth, other.depth),
    introspectionDepth: Math.max(one.introspectionDepth, other.introspectionDepth),
    literalDepth: Math.max(one.literalDepth, other.literalDepth),
    fields: count(one.fields, other.fields),
    rootFields: count(one.rootFields, other.rootFields),
    aliases: count(one.aliases, other.aliases),
    directives: count(one.directives, other.directives),
  }
}

/** Levels of lists and objects in a value that is written into the document. */
function depthOfLiteral(node: ValueNode): number {
  if (node.kind === 'ListValue') return 1 + deepest(node.values)
  if (node.kind === 'ObjectValue') return 1 + deepest(node.fields.map((field) => field.value))
  return 0
}

function deepest(nodes: readonly ValueNode[]): number {
  return nodes.reduce((depth, node) => Math.max(depth, depthOfLiteral(node)), 0)
}

/**
 * The number of pairs of fields that graphql's rule OverlappingFieldsCanBeMerged compares: fields with the same response
 * name, at every level. It stops counting at `limit`. A thousand times the same field makes half a million pairs.
 * Call it after `measureDocument`, which refuses fragment cycles.
 */
export function countOverlaps(document: DocumentNode, limit: number): number {
  const fragments = fragmentsOf(document)
  let pairs = 0
  function visit(sets: readonly SelectionSetNode[]): void {
    for (const fields of fieldsByResponseName(sets, fragments).values()) {
      pairs += (fields.length * (fields.length - 1)) / 2
      if (pairs > limit) return
      const children = fields.flatMap((field) => field.selectionSet ?? [])
      if (children.length > 0) visit(children)
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition' || definition.kind === 'FragmentDefinition') visit([definition.selectionSet])
  }
  return pairs
}

/** The fields of merged selection sets by their response name. A fragment counts once, also when it is spread repeatedly. */
function fieldsByResponseName(sets: readonly SelectionSetNode[], fragments: Fragments): Map<string, FieldNode[]> {
  const byName = new Map<string, FieldNode[]>()
  const spread = new Set<string>()
  function collect(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (selection.kind === 'Field') addField(byName, selection)
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

function addField(byName: Map<string, FieldNode[]>, field: FieldNode): void {
  const name = (field.alias ?? field.name).value
  const fields = byName.get(name)
  if (fields) fields.push(field)
  else byName.set(name, [field])
}
