import { readyOperations } from '../src/console/operations.ts'
import { createHistogram } from './lib/histogram.ts'
import { prepareRequest, RawConnection, takeOpen } from './lib/http-client.ts'
import { cpuMs } from './lib/processes.ts'
import { clockUs, type Span } from './lib/profile/span.ts'
import { SubscriberSocket } from './lib/socket-client.ts'

// Subscribers of `ticketChanged` over WebSocket, and the sender of the changes that they wait for: one process, so that one
// clock tells when a change was sent and when it came. One task per message, one result back.

export interface FanOutTask {
  readonly port: number
  /** The gateway's, whose processor time is taken with each measurement. */
  readonly pid: number
  /** One subscriber each. */
  readonly tokens: readonly string[]
  /** So many teams share the subscribers and the tickets: a change concerns one of them. 1: every change concerns everybody. */
  readonly teams: number
  /** Webhooks per second. */
  readonly rate: number
  readonly warmSeconds: number
  readonly seconds: number
  /** Of the source `vcc`. */
  readonly secret: string
}

export interface FanOutResult {
  /** Changes that the gateway took, and that it refused. */
  readonly accepted: number
  readonly refused: number
  readonly delivered: number
  /** Messages that should have come and did not. */
  readonly missing: number
  /** Subscribers that were cut off. */
  readonly lost: number
  /** From when the webhook was sent to when a subscriber had the message, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly seconds: number
  /** Of the gateway, over the same time. */
  readonly cpuMs: number
  /** That time by the machine's clock. */
  readonly span: Span
}

const changes = readyOperations.find(({ name }) => name === 'Changes')!
const tickets = 200
const connectingAtOnce = 50
const pauseMs = 250
/** How long what was sent may still be on its way when the measurement ends. */
const patienceMs = 10_000
const marker = Buffer.from('"title":"c')

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** When each change was sent, by its number. */
class Board {
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

async function run(task: FanOutTask): Promise<FanOutResult> {
  const board = new Board()
  let lost = 0
  const sockets = await openAll(task, board, () => (lost += 1))
  const sender = createSender(task, board)
  await sender.reachAll(sockets.length)
  await sender.send(task.warmSeconds)
  await pause(pauseMs)
  board.measuredFrom = board.sentAt.length
  const [cpuBefore, from] = [cpuMs(task.pid), clockUs()]
  const { accepted, refused } = await sender.send(task.seconds)
  const expected = accepted.reduce((sum, number) => sum + audienceOf(number, task), 0)
  const until = performance.now() + patienceMs
  while (board.delivered < expected && performance.now() < until) await pause(5)
  const [cpu, to] = [cpuMs(task.pid) - cpuBefore, clockUs()]
  for (const socket of sockets) socket.close()
  sender.close()
  const { delivered, latencies } = board
  const at = (share: number) => latencies.at(share)
  return {
    accepted: accepted.length,
    refused,
    delivered,
    missing: expected - delivered,
    lost,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    seconds: (to - from) / 1e6,
    cpuMs: cpu,
    span: { from, to },
  }
}

/** Subscriber i belongs to the team i % teams, a ticket to the team of its number. */
function audienceOf(change: number, { tokens, teams }: FanOutTask): number {
  const team = (change % tickets) % teams
  return Math.floor(tokens.length / teams) + (team < tokens.length % teams ? 1 : 0)
}

/** Connects, signs in and subscribes each of them, some at a time. */
async function openAll(task: FanOutTask, board: Board, onClosed: () => void): Promise<SubscriberSocket[]> {
  const sockets: SubscriberSocket[] = []
  const waiting = task.tokens.entries()
  const open = (token: string, index: number) =>
    new Promise<void>((resolve) => {
      const filter = task.teams === 1 ? {} : { assignee: teamName(index % task.teams) }
      const socket = new SubscriberSocket(
        task.port,
        (message) => {
          if (message.indexOf('"connection_ack"') < 0) return board.take(message)
          const payload = { query: changes.query, variables: { filter } }
          socket.send({ id: '1', type: 'subscribe', payload })
          resolve()
        },
        onClosed,
      )
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
      sockets.push(socket)
    })
  const work = async () => {
    for (const [index, token] of waiting) await open(token, index)
  }
  await Promise.all(Array.from({ length: connectingAtOnce }, work))
  return sockets
}

const teamName = (team: number) => `team-${team}`

/** Sends changes as webhooks, each at its time whatever has come back. */
function createSender({ port, teams, rate, secret }: FanOutTask, board: Board) {
  const idle: RawConnection[] = []
  const headers = { accept: 'application/json' }
  const path = `/webhooks/vcc?secret-key=${secret}`

  async function sendOne(): Promise<{ readonly number: number; readonly accepted: boolean }> {
    const number = board.sentAt.length
    const ticketId = number % tickets
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

process.on('message', async (task: FanOutTask) => {
  process.send!(await run(task))
})
process.send?.('ready')
