import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { type PlanNode, planCost, type Size } from './cost-plan.ts'
import { fragmentsOf } from './document-shape.ts'

/** The most that one operation can cost. */
export interface OperationCost {
  /** Objects in the response, page sizes multiplied. */
  readonly cost: number
  /** Calls to sources. Batching and repeated look-ups make the real number smaller. */
  readonly upstreamCalls: number
}

type Variables = Readonly<Record<string, unknown>>
type CostOf = (variables: Variables) => OperationCost

const noCost: OperationCost = { cost: 0, upstreamCalls: 0 }

/**
 * Computes the cost of operations. The plan of an operation is compiled once and cached as long as its document lives.
 * The cost itself is cached when no variable changes it. An operation that the document does not have costs nothing,
 * because the server refuses it later with its own message. Throws BAD_USER_INPUT for a page size over `maxPageSize`.
 */
export function createCostOf(schema: GraphQLSchema, maxPageSize: number) {
  const cache = new WeakMap<DocumentNode, Map<string | null, CostOf>>()

  function compile(document: DocumentNode, operationName: string | null): CostOf {
    const operation = findOperation(document, operationName)
    if (!operation) return () => noCost
    const plan = planCost(schema, operation, fragmentsOf(document))
    if (dependsOnVariables(plan)) return (variables) => evaluateCost(plan, variables, maxPageSize)
    let cost: OperationCost | undefined
    return () => {
      cost ??= evaluateCost(plan, {}, maxPageSize)
      return cost
    }
  }
  return (document: DocumentNode, operationName: string | null, variables: Variables): OperationCost => {
    const ofDocument = cache.get(document) ?? new Map<string | null, CostOf>()
    if (ofDocument.size === 0) cache.set(document, ofDocument)
    const costOf = ofDocument.get(operationName) ?? compile(document, operationName)
    // Clients can invent any number of wrong names: the cache must not grow with them.
    if (ofDocument.size <= document.definitions.length) ofDocument.set(operationName, costOf)
    return costOf(variables)
  }
}

function findOperation(document: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === 'OperationDefinition')
  if (name === null || name === '') return operations.length === 1 ? operations[0] : undefined
  return operations.find((operation) => operation.name?.value === name)
}

function dependsOnVariables(nodes: readonly PlanNode[]): boolean {
  return nodes.some(
    (node) =>
      isVariable(node.count) || isVariable(node.pageSize) || isVariable(node.callsForItems) || dependsOnVariables(node.children),
  )
}

function isVariable(size: Size | undefined): boolean {
  return typeof size === 'object'
}

function evaluateCost(nodes: readonly PlanNode[], variables: Variables, maxPageSize: number): OperationCost {
  let cost = 0
  let upstreamCalls = 0
  const sharedCalls = new Set<string>()
  for (const node of nodes) {
    checkPageSize(node, variables, maxPageSize)
    const isEmptyPage = node.pageSize !== undefined && resolveSize(node.pageSize, variables) === 0
    const calls = isEmptyPage ? node.callsOfEmptyPage : node.calls
    const count = Math.max(0, resolveSize(node.count, variables))
    const children = evaluateCost(node.children, variables, maxPageSize)
    cost += count * (node.weight + children.cost)
    upstreamCalls += count * (children.upstreamCalls + resolveSize(node.callsForItems, variables))
    if (node.sharedCall === undefined) upstreamCalls += count * calls
    else if (!sharedCalls.has(node.sharedCall)) upstreamCalls += calls
    if (node.sharedCall !== undefined) sharedCalls.add(node.sharedCall)
  }
  return { cost, upstreamCalls }
}

function checkPageSize(node: PlanNode, variables: Variables, most: number): void {
  if (node.pageSize === undefined) return
  const size = resolveSize(node.pageSize, variables)
  if (size >= 0 && size <= most) return
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    `The page size of ${node.name} is ${size}; it may be 0 to ${most} (limits.pageSize).`,
  )
}

/** The number behind a size. A value of a wrong type counts as the default, because execution refuses it later. */
function resolveSize(size: Size, variables: Variables): number {
  if (typeof size === 'number') return size
  const variable = variables[size.variable]
  const value = size.field === undefined ? variable : (variable as Variables | null | undefined)?.[size.field]
  if (size.field !== undefined && variable !== undefined) return Array.isArray(value) ? value.length : 0
  if (typeof value === 'number') return value
  return Array.isArray(value) ? value.length : resolveSize(size.otherwise, variables)
}
