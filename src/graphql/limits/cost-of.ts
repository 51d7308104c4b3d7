import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { type PlanNode, planCost } from './cost-plan.ts'
import { fragmentsOf } from './document-shape.ts'
import { evaluateCost } from './evaluate-cost.ts'
import type { CostTable, OperationCost } from './field-cost.ts'
import type { Size } from './list-size.ts'

type Variables = Readonly<Record<string, unknown>>
type CostOf = (variables: Variables) => OperationCost

const free: OperationCost = { cost: 0, upstreamCalls: 0 }

/**
 * Computes what an operation costs. Each operation of each document is compiled once and remembered for as long as
 * the document lives; one whose sizes no variable tells is computed once. Without an operation of that name nothing
 * costs anything: the server says what is wrong.
 */
export function createCostOf(schema: GraphQLSchema, table: CostTable, maxPageSize: number) {
  const known = new WeakMap<DocumentNode, Map<string | null, CostOf>>()

  function compile(document: DocumentNode, operationName: string | null): CostOf {
    const operation = operationOf(document, operationName)
    if (!operation) return () => free
    const plan = planCost(schema, operation, fragmentsOf(document), table)
    if (dependsOnVariables(plan)) return (variables) => evaluateCost(plan, variables, maxPageSize)
    let cost: OperationCost | undefined
    return () => {
      cost ??= evaluateCost(plan, {}, maxPageSize)
      return cost
    }
  }
  return (document: DocumentNode, operationName: string | null, variables: Variables): OperationCost => {
    const ofDocument = known.get(document) ?? new Map<string | null, CostOf>()
    if (ofDocument.size === 0) known.set(document, ofDocument)
    const costOf = ofDocument.get(operationName) ?? compile(document, operationName)
    // A wrong name is the client's to invent: only names that the document has are remembered.
    if (ofDocument.size <= document.definitions.length) ofDocument.set(operationName, costOf)
    return costOf(variables)
  }
}

function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === 'OperationDefinition')
  if (name === null || name === '') return operations.length === 1 ? operations[0] : undefined
  return operations.find((operation) => operation.name?.value === name)
}

function dependsOnVariables(nodes: readonly PlanNode[]): boolean {
  return nodes.some((node) => isVariable(node.times) || isVariable(node.page) || dependsOnVariables(node.children))
}

function isVariable(size: Size | undefined): boolean {
  return typeof size === 'object'
}
