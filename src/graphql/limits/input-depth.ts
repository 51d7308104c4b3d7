import type { ValueNode } from 'graphql'

/** Levels of lists and objects in a JSON value. Does not call itself, so that 5,000 levels are no danger; stops counting over `limit`. */
export function depthOfValue(value: unknown, limit: number): number {
  // Most operations have a few plain values.
  if (!isNested(value)) return 0
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

/** Levels of lists and objects in a value written into the document. */
export function depthOfLiteral(node: ValueNode): number {
  if (node.kind === 'ListValue') return 1 + deepest(node.values)
  if (node.kind === 'ObjectValue') return 1 + deepest(node.fields.map((field) => field.value))
  return 0
}

function deepest(nodes: readonly ValueNode[]): number {
  return nodes.reduce((depth, node) => Math.max(depth, depthOfLiteral(node)), 0)
}
