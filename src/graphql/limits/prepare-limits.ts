import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { OperationLimits } from './config.ts'
import { checkLimit, checkShape, checkText } from './document-limits.ts'
import { createCostOf, type OperationCost } from './operation-cost.ts'

/** The limits of one schema, in the order in which a request meets them. Each check throws a DeskgraphError. */
export interface PreparedLimits {
  /** For graphql's `parse`, which answers with a syntax error: GRAPHQL_PARSE_FAILED. */
  readonly maxTokens: number
  /** Before parsing: BAD_REQUEST, OPERATION_TOO_DEEP. */
  checkText(source: string): void
  /** Once per parsed document, **before** validation: OPERATION_TOO_DEEP, OPERATION_TOO_COMPLEX, BAD_REQUEST. */
  checkDocument(document: DocumentNode): void
  /**
   * For every request, before execution: the cost of the operation with these variables. Cheap for a document that was
   * checked before. Throws BAD_USER_INPUT (page size), BAD_REQUEST (nesting) or OPERATION_TOO_COMPLEX.
   */
  checkOperation(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>> | null | undefined,
  ): OperationCost
}

export function prepareLimits(schema: GraphQLSchema, limits: OperationLimits): PreparedLimits {
  const costOf = createCostOf(schema, limits.pageSize)
  return {
    maxTokens: limits.tokens,
    checkText: (source) => checkText(source, limits),
    checkDocument: (document) => checkShape(document, limits),
    checkOperation(document, operationName, variables) {
      // The map of the variables is not a level of the input itself.
      const inputDepth = depthOfValue(variables ?? {}, limits.inputDepth + 1) - 1
      checkLimit('BAD_REQUEST', 'Levels of nested input', inputDepth, limits.inputDepth, 'inputDepth')
      const cost = costOf(document, operationName ?? null, variables ?? {})
      checkLimit('OPERATION_TOO_COMPLEX', 'Cost of the operation', cost.cost, limits.cost, 'cost')
      checkLimit('OPERATION_TOO_COMPLEX', 'Calls to sources', cost.upstreamCalls, limits.upstreamCalls, 'upstreamCalls')
      return cost
    },
  }
}

/** `extensions.cost` of a response, for a client that asks for it with the header `x-deskgraph-cost: 1`. */
export function toCostExtension(cost: OperationCost, limits: OperationLimits) {
  return { ...cost, maxCost: limits.cost, maxUpstreamCalls: limits.upstreamCalls }
}

/** Levels of lists and objects in a JSON value. It is not recursive, so that deep values are safe. Stops over `limit`. */
function depthOfValue(value: object, limit: number): number {
  let level = Object.values(value).filter(isNested)
  let depth = 1
  while (level.length > 0 && depth <= limit) {
    depth++
    level = level.flatMap((nested) => Object.values(nested)).filter(isNested)
  }
  return depth
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
