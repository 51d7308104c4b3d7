import type { DocumentNode } from 'graphql'
import type { OperationLimits } from './config.ts'
import { fragmentsOf, measureDocument } from './document-shape.ts'
import { countOverlaps } from './overlaps.ts'
import { refuseOver } from './refuse.ts'

/** Introspection is asked by tools, which need 13 levels; its size is bounded by `fields`. */
const maxIntrospectionDepth = 20

/**
 * Refuses a document by what can be counted without a schema. Runs **before** validation, whose rules are the
 * dearer the larger a document is. Throws OPERATION_TOO_DEEP, OPERATION_TOO_COMPLEX, BAD_REQUEST.
 */
export function checkShape(document: DocumentNode, limits: OperationLimits): void {
  // Validation compares fragments with each other: 350 of them cost it a tenth of a second.
  refuseOver('OPERATION_TOO_COMPLEX', 'Fragments', fragmentsOf(document).size, limits.fragments, 'fragments')
  const shape = measureDocument(document)
  refuseOver('OPERATION_TOO_DEEP', 'Levels of nested fields', shape.depth, limits.depth, 'depth')
  if (shape.introspectionDepth > limits.depth) {
    refuseOver('OPERATION_TOO_DEEP', 'Levels of introspection', shape.introspectionDepth, maxIntrospectionDepth, 'depth')
  }
  refuseOver('OPERATION_TOO_COMPLEX', 'Fields in the operation', shape.fields, limits.fields, 'fields')
  refuseOver('OPERATION_TOO_COMPLEX', 'Fields at the top', shape.rootFields, limits.rootFields, 'rootFields')
  refuseOver('OPERATION_TOO_COMPLEX', 'Aliases', shape.aliases, limits.aliases, 'aliases')
  refuseOver('OPERATION_TOO_COMPLEX', 'Directives', shape.directives, limits.directives, 'directives')
  refuseOver('BAD_REQUEST', 'Levels of nested input', shape.literalDepth, limits.inputDepth, 'inputDepth')
  const overlaps = countOverlaps(document, limits.overlaps)
  refuseOver('OPERATION_TOO_COMPLEX', 'Overlapping fields to compare', overlaps, limits.overlaps, 'overlaps')
}
