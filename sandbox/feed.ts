import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxSimulators } from './sandbox.ts'
import { type FeedReport, sendEvents } from './send-events.ts'
import type { Outbound } from './simulator.ts'

export type { FeedReport } from './send-events.ts'

/** How many tickets of each system change when the backlog is through. */
const openingSteps = 8

/** The sandbox's side of a gateway: its backlog, and what happens afterwards. */
export function createFeed(simulators: SandboxSimulators) {
  const closing = new AbortController()
  const trickles = new Set<Promise<void>>()
  const everySystem = Object.values(simulators)
  const step = (index: number): readonly Outbound[] => everySystem[index % everySystem.length]!.step(Date.now())

  const run = async (gatewayUrl: string, signal: AbortSignal = closing.signal): Promise<FeedReport | null> => {
    const stop = AbortSignal.any([signal, closing.signal])
    try {
      return await catchUp(gatewayUrl, stop)
    } catch (error) {
      if (stop.aborted) return null
      throw error
    }
  }
  const catchUp = async (gatewayUrl: string, signal: AbortSignal): Promise<FeedReport> => {
    const { vcc, wasabi, rbi } = simulators
    const backlog = await sendEvents(gatewayUrl, [...wasabi.backlog(), ...rbi.backlog(), ...vcc.backlog()], { signal })
    await sleep(1000 - (Date.now() % 1000), undefined, { signal })
    const opening = await sendEvents(gatewayUrl, [openDay(step, everySystem.length)], { signal })
    return { sent: backlog.sent + opening.sent, refused: { ...backlog.refused, ...opening.refused } }
  }
  const keep = (running: Promise<void>) => {
    trickles.add(running)
    running.finally(() => trickles.delete(running))
  }
  return {
    run,
    live(gatewayUrl: string, everyMs = 3000) {
      keep(trickle(step, gatewayUrl, everyMs, closing.signal))
    },
    async close() {
      closing.abort()
      await Promise.all(trickles)
    },
  }
}

/**
 * The day's first changes, the systems in turn. Without them VCC's tickets alone would be the latest of all, because they
 * carry no time of their own. They begin with a new second: OneView writes no finer, and would seem older than the backlog.
 */
function openDay(step: (index: number) => readonly Outbound[], systems: number): Outbound[] {
  return Array.from({ length: openingSteps * systems }, (_, index) => step(index)).flat()
}

/** Changes one ticket at a time until the signal aborts. A gateway that is away for long misses changes, as it would in life. */
async function trickle(
  step: (index: number) => readonly Outbound[],
  gatewayUrl: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (let index = 0; !signal.aborted; index++) {
    try {
      await sleep(everyMs, undefined, { signal })
      await sendEvents(gatewayUrl, [step(index)], { signal })
    } catch {
      // Aborted, or nobody answered for a minute: the next change is another chance.
    }
  }
}
