import type { DocumentNode, GraphQLSchema } from 'graphql'
import { checkShape } from './check-shape.ts'
import { checkText } from './check-text.ts'
import type { OperationLimits } from './config.ts'
import { createCostOf } from './cost-of.ts'
import type { CostTable, OperationCost } from './field-cost.ts'
import { depthOfValue } from './input-depth.ts'
import { refuseOver } from './refuse.ts'

/** The limits of one schema, in the order in which they are asked. Each throws a DeskgraphError. */
export interface PreparedLimits {
  /** For graphql's `parse`, which answers with a syntax error: GRAPHQL_PARSE_FAILED. */
  readonly maxTokens: number
  /** Before parsing: BAD_REQUEST, OPERATION_TOO_DEEP. */
  checkText(source: string): void
  /** Once per parsed document, **before** validation: OPERATION_TOO_DEEP, OPERATION_TOO_COMPLEX, BAD_REQUEST. */
  checkDocument(document: DocumentNode): void
  /**
   * For every request, before execution: what the operation may cost with these variables. Cheap for a document met
   * before. Throws BAD_USER_INPUT (a page size), BAD_REQUEST (nesting), OPERATION_TOO_COMPLEX.
   */
  checkOperation(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>> | null | undefined,
  ): OperationCost
}

const noVariables = {}

export function prepareLimits(schema: GraphQLSchema, limits: OperationLimits, costs: CostTable): PreparedLimits {
  const costOf = createCostOf(schema, costs, limits.pageSize)
  return {
    maxTokens: limits.tokens,
    checkText: (source) => checkText(source, limits),
    checkDocument: (document) => checkShape(document, limits),
    checkOperation(document, operationName, variables) {
      const given = variables ?? noVariables
      // The map of variables is not a level of anybody's input.
      refuseOver(
        'BAD_REQUEST',
        'Levels of nested input',
        depthOfValue(given, limits.inputDepth + 1) - 1,
        limits.inputDepth,
        'inputDepth',
      )
      const cost = costOf(document, operationName ?? null, given)
      refuseOver('OPERATION_TOO_COMPLEX', 'Cost of the operation', cost.cost, limits.cost, 'cost')
      refuseOver('OPERATION_TOO_COMPLEX', 'Calls to sources', cost.upstreamCalls, limits.upstreamCalls, 'upstreamCalls')
      return cost
    },
  }
}

/** `extensions.cost` of an answer, for a client that asked for it by the header `x-deskgraph-cost: 1`. */
export function toCostExtension(cost: OperationCost, limits: OperationLimits) {
  return { ...cost, maxCost: limits.cost, maxUpstreamCalls: limits.upstreamCalls }
}
