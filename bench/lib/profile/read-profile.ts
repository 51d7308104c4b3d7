import { readFileSync } from 'node:fs'
import { type Frame, type Part, partOf } from './parts.ts'
import type { Span } from './span.ts'

interface Node {
  readonly id: number
  readonly callFrame: Frame
  readonly children?: readonly number[]
}
/** As V8 writes it: times in microseconds, by the clock of `clockUs`. */
interface Profile {
  readonly nodes: readonly Node[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Where a process spent the time in which it was not idle. */
export interface BusyTime {
  /** 1 together. */
  readonly shares: Readonly<Partial<Record<Part, number>>>
  /** Its share of the whole span. */
  readonly busy: number
}

/** What a profile shows of a span. */
export function readProfile(file: string, { from, to }: Span): BusyTime {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const partByNode = toParts(profile.nodes)
  const times = new Map<Part, number>()
  let now = profile.startTime
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const microseconds = profile.timeDeltas[index]!
    now += microseconds
    const part = partByNode.get(id)
    if (part === undefined || now < from || now > to) continue
    busy += microseconds
    times.set(part, (times.get(part) ?? 0) + microseconds)
  }
  const shares = Object.fromEntries(Array.from(times, ([part, microseconds]) => [part, microseconds / busy]))
  return { shares, busy: busy / (to - from) }
}

/** A frame that belongs to nobody belongs to its caller. The idle ones are left out. */
function toParts(nodes: readonly Node[]): ReadonlyMap<number, Part> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const found = new Map<number, Part>()
  const walk = (node: Node, inherited: Part) => {
    if (node.callFrame.functionName === '(idle)') return
    const part = partOf(node.callFrame) ?? inherited
    found.set(node.id, part)
    for (const child of node.children ?? []) walk(byId.get(child)!, part)
  }
  walk(nodes[0]!, 'rest')
  return found
}
