import { setTimeout as pause } from 'node:timers/promises'
import type { FanOutTask } from '../subscribers.ts'
import { createHistogram } from './histogram.ts'
import { prepareRequest, RawConnection, takeOpen } from './http-client.ts'

/** The changes are of so many tickets in turn. */
export const changedTickets = 200
/** Between two looks at what came. */
export const pauseMs = 250
const marker = Buffer.from('"title":"c')

/** When each change was sent, by its number. */
export class Board {
  readonly sentAt: number[] = []
  measuredFrom = Number.POSITIVE_INFINITY
  delivered = 0
  received = 0
  latencies = createHistogram()

  take(message: Buffer): void {
    const at = message.indexOf(marker)
    if (at < 0) return
    let number = 0
    for (let index = at + marker.length; message[index] !== quote; index++) number = number * 10 + (message[index]! - zero)
    this.received += 1
    if (number < this.measuredFrom) return
    this.delivered += 1
    this.latencies.add(performance.now() - this.sentAt[number]!)
  }
}
const [quote, zero] = [0x22, 0x30]

export const teamName = (team: number) => `team-${team}`

/** Sends changes as webhooks, each at its time whatever has come back. */
export function createSender({ port, teams, rate, secret }: FanOutTask, board: Board) {
  const idle: RawConnection[] = []
  const headers = { accept: 'application/json' }
  const path = `/webhooks/vcc?secret-key=${secret}`

  async function sendOne(): Promise<{ readonly number: number; readonly accepted: boolean }> {
    const number = board.sentAt.length
    const ticketId = number % changedTickets
    const ticket = { ticketId, projectId: 7, title: `c${number}`, status: 'park', agentUserName: teamName(ticketId % teams) }
    const bytes = prepareRequest(path, headers, JSON.stringify({ action: 'update', ticket }))
    const connection = takeOpen(idle) ?? new RawConnection(port)
    board.sentAt.push(performance.now())
    try {
      const { status } = await connection.send(bytes)
      idle.push(connection)
      return { number, accepted: status === 200 }
    } catch {
      return { number, accepted: false }
    }
  }

  async function send(seconds: number) {
    const started = performance.now()
    const total = Math.floor(seconds * rate)
    const under: Promise<{ readonly number: number; readonly accepted: boolean }>[] = []
    while (under.length < total) {
      const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate) + 1)
      while (under.length < due) under.push(sendOne())
      await pause(1)
    }
    const all = await Promise.all(under)
    const accepted = all.filter((one) => one.accepted).map(({ number }) => number)
    return { accepted, refused: all.length - accepted.length }
  }

  return {
    send,
    /** A subscription says nothing when it stands: changes are sent until so many messages came as there are subscribers. */
    async reachAll(subscribers: number): Promise<void> {
      const until = performance.now() + 30_000
      await pause(500)
      for (;;) {
        const before = board.received
        const reached = () => board.received - before
        await Promise.all(Array.from({ length: teams }, sendOne))
        for (let looks = 0; looks < 20 && reached() < subscribers; looks++) await pause(pauseMs)
        if (reached() >= subscribers) return
        if (performance.now() > until) throw new Error(`Only ${reached()} of ${subscribers} subscribers were reached.`)
      }
    },
    close() {
      for (const connection of idle) connection.close()
    },
  }
}
