import type { DocumentNode } from 'graphql'
import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'
import type { OperationLimits } from './config.ts'
import { countOverlaps, fragmentsOf, measureDocument } from './document-shape.ts'

/** Throws when a measure is over its limit. The message has both, and the limit's name in the configuration. */
export function checkLimit(code: ErrorCode, what: string, measured: number, limit: number, setting: string): void {
  if (measured <= limit) return
  const shown = Number.isSafeInteger(measured) ? String(measured) : 'far too many'
  throw new DeskgraphError(code, `${what}: ${shown}, allowed: ${limit} (limits.${setting}).`)
}

/** The parser is recursive: deeper brackets would overflow its stack. */
const maxNesting = 100

/** Checks the length and the nesting of a text before it is parsed. Throws BAD_REQUEST or OPERATION_TOO_DEEP. */
export function checkText(source: string, limits: Pick<OperationLimits, 'queryLength'>): void {
  checkLimit('BAD_REQUEST', 'Characters in the document', source.length, limits.queryLength, 'queryLength')
  if (nestingOf(source) > maxNesting) {
    throw new DeskgraphError('OPERATION_TOO_DEEP', `The document nests its brackets more than ${maxNesting} levels deep.`)
  }
}

/** Tools need 13 levels of introspection. Its size is bounded by `fields`. */
const maxIntrospectionDepth = 20

/**
 * Checks what can be counted without a schema. It runs **before** validation, whose rules cost more the larger a document
 * is. Throws OPERATION_TOO_DEEP, OPERATION_TOO_COMPLEX, BAD_REQUEST or GRAPHQL_VALIDATION_FAILED (a fragment cycle).
 */
export function checkShape(document: DocumentNode, limits: OperationLimits): void {
  // Validation compares every fragment with every other: 350 of them take it 0.1 seconds.
  checkLimit('OPERATION_TOO_COMPLEX', 'Fragments', fragmentsOf(document).size, limits.fragments, 'fragments')
  const shape = measureDocument(document)
  checkLimit('OPERATION_TOO_DEEP', 'Levels of nested fields', shape.depth, limits.depth, 'depth')
  if (shape.introspectionDepth > limits.depth) {
    checkLimit('OPERATION_TOO_DEEP', 'Levels of introspection', shape.introspectionDepth, maxIntrospectionDepth, 'depth')
  }
  checkLimit('OPERATION_TOO_COMPLEX', 'Fields in the operation', shape.fields, limits.fields, 'fields')
  checkLimit('OPERATION_TOO_COMPLEX', 'Fields at the top', shape.rootFields, limits.rootFields, 'rootFields')
  checkLimit('OPERATION_TOO_COMPLEX', 'Aliases', shape.aliases, limits.aliases, 'aliases')
  checkLimit('OPERATION_TOO_COMPLEX', 'Directives', shape.directives, limits.directives, 'directives')
  checkLimit('BAD_REQUEST', 'Levels of nested input', shape.literalDepth, limits.inputDepth, 'inputDepth')
  const overlaps = countOverlaps(document, limits.overlaps)
  checkLimit('OPERATION_TOO_COMPLEX', 'Overlapping fields to compare', overlaps, limits.overlaps, 'overlaps')
}

const openingBrackets = new Set(['{', '[', '('])
const closingBrackets = new Set(['}', ']', ')'])

/** The deepest nesting of brackets outside strings and comments. */
function nestingOf(source: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < source.length; index++) {
    const char = source.charAt(index)
    if (char === '"') index = endOfString(source, index)
    else if (char === '#') index = endOfComment(source, index)
    else if (openingBrackets.has(char)) deepest = Math.max(deepest, ++depth)
    else if (closingBrackets.has(char)) depth--
  }
  return deepest
}

/** The index of the closing quote; that of the line break or the end of the document when there is none. */
function endOfString(source: string, start: number): number {
  if (source.startsWith('"""', start)) return endOfBlockString(source, start + 3)
  for (let index = start + 1; index < source.length; index++) {
    const char = source.charAt(index)
    if (char === '\\') index++
    else if (char === '"' || char === '\n' || char === '\r') return index
  }
  return source.length
}

function endOfBlockString(source: string, start: number): number {
  let end = source.indexOf('"""', start)
  while (end > 0 && source.charAt(end - 1) === '\\') end = source.indexOf('"""', end + 3)
  return end < 0 ? source.length : end + 2
}

function endOfComment(source: string, start: number): number {
  for (let index = start; index < source.length; index++) {
    const char = source.charAt(index)
    if (char === '\n' || char === '\r') return index
  }
  return source.length
}
