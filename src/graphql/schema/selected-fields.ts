import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  type InlineFragmentNode,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Ticket } from '../../domain/ticket.ts'
import type { WantedFields } from '../../sources/wanted-fields.ts'
import { extensionsOf } from './fields.ts'

/** An operation with its variables, after validation. */
interface ReadOperation {
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** What an operation selects anywhere. */
export interface OperationSelection {
  /** Fields of the domain's ticket. */
  readonly fields: WantedFields
  /** Whether it reads how many tickets a list has in all. A source counts them only then. */
  readonly totals: boolean
}

/** The fields of a list that say how many tickets it has. */
const totalFields = new Set(['TicketConnection.totalCount', 'SourceReport.matching'])

/**
 * Finds what an operation selects. A field behind `@include` or `@skip` counts where these
 * variables select it. null: the document has no such operation.
 */
export function createFieldSelection(schema: GraphQLSchema): (operation: ReadOperation) => OperationSelection | null {
  /** Of operations that select the same with any variables. */
  const known = new WeakMap<OperationDefinitionNode, OperationSelection>()
  return ({ document, operationName, variables }) => {
    const operation = getOperationAST(document, operationName)
    if (!operation) return null
    const found = known.get(operation)
    if (found) return found
    const walk = new SelectionWalk(schema, document, variables)
    walk.visit(operation.selectionSet, schema.getRootType(operation.operation))
    const { fields, totals } = walk
    const selection = { fields, totals }
    if (!walk.isConditional) known.set(operation, selection)
    return selection
  }
}

/**
 * What one operation selects, found when it is read. An object, because V8 puts a function that is assigned to a property into the old
 * generation: a closure in its place kept each operation, with all its tickets, until the next full garbage collection.
 */
export class LazySelection {
  readonly #select: (operation: ReadOperation) => OperationSelection | null
  readonly #operation: ReadOperation

  constructor(select: (operation: ReadOperation) => OperationSelection | null, operation: ReadOperation) {
    this.#select = select
    this.#operation = operation
  }

  /** null: the document has no such operation. */
  read(): OperationSelection | null {
    return this.#select(this.#operation)
  }
}

class SelectionWalk {
  readonly fields = new Set<keyof Ticket>()
  totals = false
  /** Whether a directive was met, so that other variables may select other fields. */
  isConditional = false
  readonly #schema: GraphQLSchema
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #variables: Readonly<Record<string, unknown>>
  /** A fragment selects the same wherever it is spread. */
  readonly #visited = new Set<string>()

  constructor(schema: GraphQLSchema, { definitions }: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
    this.#schema = schema
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
    this.#variables = variables
  }

  visit({ selections }: SelectionSetNode, type: GraphQLNamedType | null | undefined): void {
    for (const selection of selections) {
      if (!this.#isIncluded(selection)) continue
      if (selection.kind === Kind.FIELD) this.#visitField(selection, type)
      else if (selection.kind === Kind.INLINE_FRAGMENT) this.#visitFragment(selection, type)
      else this.#visitSpread(selection.name.value)
    }
  }

  #visitField({ name, selectionSet }: FieldNode, type: GraphQLNamedType | null | undefined): void {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name.value] : undefined
    if (!field) return
    if (totalFields.has(`${type?.name}.${name.value}`)) this.totals = true
    if (type?.name === 'Ticket') this.fields.add((extensionsOf(field).ticketProperty ?? field.name) as keyof Ticket)
    if (selectionSet) this.visit(selectionSet, getNamedType(field.type))
  }

  #visitFragment({ typeCondition, selectionSet }: InlineFragmentNode, type: GraphQLNamedType | null | undefined): void {
    this.visit(selectionSet, typeCondition ? this.#schema.getType(typeCondition.name.value) : type)
  }

  #visitSpread(name: string): void {
    const fragment = this.#fragments.get(name)
    if (!fragment || this.#visited.has(name)) return
    this.#visited.add(name)
    this.visit(fragment.selectionSet, this.#schema.getType(fragment.typeCondition.name.value))
  }

  #isIncluded({ directives = [] }: FieldNode | InlineFragmentNode | FragmentSpreadNode): boolean {
    return directives.every(({ name, arguments: [condition] = [] }) => {
      if (name.value !== 'include' && name.value !== 'skip') return true
      this.isConditional = true
      const value = condition?.value
      const holds =
        value?.kind === Kind.VARIABLE ? this.#variables[value.name.value] : value?.kind === Kind.BOOLEAN && value.value
      // A variable without a value has its default.
      return holds === undefined || holds === (name.value === 'include')
    })
  }
}
