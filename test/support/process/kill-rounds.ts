import { Agent } from 'undici'
import { type GatewayProcess, type ProcessEnvironment, startProcess } from './gateway-process.ts'
import { findLost, raiseTicket } from './graph-client.ts'
import { type CountingPartner, findUndelivered } from './partner.ts'
import { type Claim, isAcknowledged, mixedEvent } from './senders.ts'

/** The result of all rounds. */
export interface KillReport {
  readonly rounds: number
  readonly acknowledged: number
  readonly lost: readonly Claim[]
  readonly raised: number
  readonly undelivered: readonly string[]
  /** Calls to the partner beyond the first for a delivery. */
  readonly repeated: number
  readonly refused: number
}

interface Load {
  readonly claims: Claim[]
  readonly raised: string[]
}

const senders = 8
const creators = 2
const deliveredWithinMs = 60_000
const busyWithinMs = 20_000
/** Events acknowledged in a round before the kill. */
const minAcknowledged = 6

/**
 * In each round: loads a gateway, kills it at a random time, starts it again on the same data, and compares the acknowledged
 * events with the graph.
 */
export async function killRounds(rounds: number, environment: ProcessEnvironment, partner: CountingPartner): Promise<KillReport> {
  const all: Load = { claims: [], raised: [] }
  const lost: Claim[] = []
  let next = 0
  let gateway = await startProcess(environment)
  for (let round = 0; round < rounds; round++) {
    const stop = new AbortController()
    const before = all.claims.length
    const loading = loadUntil(stop.signal, gateway.url, all, () => next++)
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 2_000))
    // On a busy machine a new process starts slowly. A kill before its first event would prove nothing.
    await untilBusy(all, before)
    await gateway.slay()
    stop.abort()
    await loading
    gateway = await startProcess(environment)
    lost.push(...(await lostOf(gateway, all.claims.slice(before))))
  }
  lost.push(...(await lostOf(gateway, all.claims)).filter((claim) => !lost.includes(claim)))
  const undelivered = await findUndelivered(partner, all.raised, deliveredWithinMs)
  await gateway.stop()
  const repeated = [...partner.calls.values()].reduce((sum, calls) => sum + calls - 1, 0)
  const acknowledged = all.claims.length
  return { rounds, acknowledged, lost, raised: all.raised.length, undelivered, repeated, refused: partner.refused() }
}

async function untilBusy({ claims, raised }: Load, before: number): Promise<void> {
  const end = Date.now() + busyWithinMs
  while ((claims.length < before + minAcknowledged || raised.length === 0) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function lostOf({ url }: GatewayProcess, claims: readonly Claim[]): Promise<readonly Claim[]> {
  const http = new Agent()
  try {
    return await findLost(http, url, claims)
  } finally {
    await http.destroy()
  }
}

async function loadUntil(signal: AbortSignal, origin: string, load: Load, next: () => number): Promise<void> {
  const http = new Agent({ connections: senders + creators })
  const send = async () => {
    while (!signal.aborted) {
      const event = mixedEvent(next())
      if (await isAcknowledged(http, origin, event)) load.claims.push(event.claim)
    }
  }
  const raise = async () => {
    while (!signal.aborted) {
      const id = await raiseTicket(http, origin, `It crashes, ${next()}.`)
      if (id !== null) load.raised.push(id)
    }
  }
  await Promise.all([...Array.from({ length: senders }, send), ...Array.from({ length: creators }, raise)])
  await http.destroy()
}
