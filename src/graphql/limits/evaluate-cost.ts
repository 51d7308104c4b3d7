import { DeskgraphError } from '../../domain/errors.ts'
import type { PlanNode } from './cost-plan.ts'
import type { OperationCost } from './field-cost.ts'
import { resolveSize } from './list-size.ts'

type Variables = Readonly<Record<string, unknown>>

/** The cost of a compiled operation with these variables. Throws BAD_USER_INPUT for a page size that no page may have. */
export function evaluateCost(nodes: readonly PlanNode[], variables: Variables, maxPageSize: number): OperationCost {
  let cost = 0
  let upstreamCalls = 0
  const shared = new Set<string>()
  for (const node of nodes) {
    refusePageSize(node, variables, maxPageSize)
    const times = Math.max(0, resolveSize(node.times, variables))
    const below = evaluateCost(node.children, variables, maxPageSize)
    cost += times * (node.weight + below.cost)
    upstreamCalls += times * below.upstreamCalls
    if (node.shared === undefined) upstreamCalls += times * node.calls
    else if (!shared.has(node.shared)) upstreamCalls += node.calls
    if (node.shared !== undefined) shared.add(node.shared)
  }
  return { cost, upstreamCalls }
}

function refusePageSize(node: PlanNode, variables: Variables, most: number): void {
  if (node.page === undefined) return
  const size = resolveSize(node.page, variables)
  if (size >= 0 && size <= most) return
  throw new DeskgraphError('BAD_USER_INPUT', `"first" of ${node.name} is ${size}; it may be 0 to ${most} (limits.pageSize).`)
}
