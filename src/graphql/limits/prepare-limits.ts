import { type DocumentNode, type GraphQLSchema, visit } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { isStorable } from '../../domain/sanitize-text.ts'
import type { OperationLimits } from './config.ts'
import { checkLimit, checkShape, checkText } from './document-limits.ts'
import { createCostOf, type OperationCost } from './operation-cost.ts'

/** The limits of one schema, in the order in which a request meets them. Each check throws a DeskgraphError. */
export interface PreparedLimits {
  /** For graphql's `parse`, which answers with a syntax error: GRAPHQL_PARSE_FAILED. */
  readonly maxTokens: number
  /** Before parsing: BAD_REQUEST, OPERATION_TOO_DEEP. */
  checkText(source: string): void
  /** Once per parsed document, **before** validation: OPERATION_TOO_DEEP, OPERATION_TOO_COMPLEX, BAD_REQUEST, BAD_USER_INPUT (texts). */
  checkDocument(document: DocumentNode): void
  /**
   * For every request, before execution: the cost of the operation with these variables. Cheap for a document that was
   * checked before. Throws BAD_USER_INPUT (page size, texts), BAD_REQUEST (nesting) or OPERATION_TOO_COMPLEX.
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
    checkDocument(document) {
      checkShape(document, limits)
      checkLiterals(document)
    },
    checkOperation(document, operationName, variables) {
      // The map of the variables is not a level of the input itself.
      const inputDepth = depthOfValue(variables ?? {}, limits.inputDepth + 1) - 1
      checkLimit('BAD_REQUEST', 'Levels of nested input', inputDepth, limits.inputDepth, 'inputDepth')
      checkVariables(variables ?? {})
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

// Every text of a client may end in a store, in a cache key, or in a call to a source. One rule for all of them, before any is used:
// a text that UTF-8 or PostgreSQL cannot hold would be changed on its way, and two different keys or ids would become one.

/** Throws BAD_USER_INPUT, which names the place. The variables are nested no deeper than the limit. */
function checkVariables(variables: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(variables)) checkTexts(value, name)
}

function checkTexts(value: unknown, place: string): void {
  if (typeof value === 'string' && !isStorable(value)) throw notStorable(`The variable \`${place}\``)
  if (!isNested(value)) return
  for (const [key, item] of Object.entries(value)) checkTexts(item, `${place}.${key}`)
}

/** Throws BAD_USER_INPUT for a text that is written into the document. */
function checkLiterals(document: DocumentNode): void {
  visit(document, {
    StringValue({ value, loc }) {
      if (!isStorable(value)) throw notStorable(`The text at line ${loc?.startToken.line ?? 0} of the document`)
    },
  })
}

function notStorable(what: string): DeskgraphError {
  return new DeskgraphError(
    'BAD_USER_INPUT',
    `${what} has a NUL character or half of a surrogate pair. Send Unicode text without NUL.`,
  )
}
