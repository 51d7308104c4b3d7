import { setTimeout as pause } from 'node:timers/promises'
import { readyOperations } from '../console/operations.ts'
import { Board, changedTickets, createSender, pauseMs, teamName } from './lib/change-sender.ts'
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
const connectingAtOnce = 50
/** How long what was sent may still be on its way when the measurement ends. */
const patienceMs = 10_000

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
  const team = (change % changedTickets) % teams
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

process.on('message', async (task: FanOutTask) => {
  process.send!(await run(task))
})
process.send?.('ready')
