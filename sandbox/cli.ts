#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createReplay } from './replay.ts'
import { serveSimulator } from './simulator-server.ts'
import { createBeginning, entryOf, findSystems, startSystem, systemNames } from './start-system.ts'
import type { SandboxSystemName } from './systems.ts'

// The sandbox as a program of its own: stateful vendors in a box, for any client of theirs.

const usage = `Usage: deskgraph-sandbox [options]

Simulated ticket systems on loopback ports: ${systemNames.join(', ')}.

  --systems zendesk,jira   the systems that start (default: all)
  --port zendesk=4101      the port of a system; may be repeated (default: free ports)
  --count zendesk=50       how many tickets a system begins with; may be repeated
  --seed TEXT              the same seed and day give the same tickets (default: deskgraph)
  --day 2026-03-02         the history ends at the midnight (UTC) that starts this day (default: today)
  --webhooks URL           where systems send their webhooks: to URL/webhooks/SYSTEM
  --every 3000             with --webhooks: milliseconds between two changes (default: 3000; 0: no change)
  --latency 20             milliseconds before each answer (default: 0)
  --json                   one line of JSON in place of the table
  --help                   this text
`

class UsageError extends Error {}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      systems: { type: 'string' },
      port: { type: 'string', multiple: true, default: [] },
      count: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: 'deskgraph' },
      day: { type: 'string' },
      webhooks: { type: 'string' },
      every: { type: 'string', default: '3000' },
      latency: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const today = values.day === undefined ? Date.now() : Date.parse(values.day)
  if (Number.isNaN(today)) throw new UsageError('--day is a day, such as 2026-03-02')
  if (values.webhooks !== undefined && !/^https?:\/\/[^/]/.test(values.webhooks))
    throw new UsageError('--webhooks is an http URL')
  return {
    systems: values.systems === undefined ? systemNames : toSystems(values.systems.split(/[\s,]+/), '--systems'),
    ...{ ports: toNumbers(values.port, '--port', 65_535), counts: toNumbers(values.count, '--count', 1_000_000) },
    ...{ seed: values.seed, today, webhooks: values.webhooks?.replace(/\/+$/, ''), json: values.json, help: values.help },
    ...{ every: toNumber(values.every, '--every', 86_400_000), latencyMs: toNumber(values.latency, '--latency', 600_000) },
  }
}

function toSystems(names: readonly string[], option: string): readonly SandboxSystemName[] {
  const found = findSystems(names.filter((name) => name !== ''))
  if ('problem' in found) throw new UsageError(`${option}: ${found.problem}`)
  return found.systems
}

function toNumber(text: string, option: string, most: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text)
  throw new UsageError(`${option} is a whole number of at most ${most}`)
}

/** "zendesk=4101" */
function toNumbers(texts: readonly string[], option: string, most: number): Partial<Record<SandboxSystemName, number>> {
  const entries = texts.map((text) => {
    const [name = '', value = ''] = text.split('=')
    return [toSystems([name], option)[0]!, toNumber(value, option, most)] as const
  })
  return Object.fromEntries(entries)
}

type Options = ReturnType<typeof readOptions>

async function run({ systems, ports, counts, seed, today, webhooks, every, latencyMs, json }: Options): Promise<void> {
  const begin = createBeginning(seed, today)
  const running = await Promise.all(
    systems.map((name) =>
      startSystem(name, begin, counts, (system, simulator) =>
        serveSimulator(simulator, { host: '127.0.0.1', port: ports[system] ?? 0, latencyMs }),
      ),
    ),
  )
  const replay = createReplay(running.map(({ changing }) => changing))
  const rows = running.map(({ name, server, system }) => ({
    ...{ system: name, label: entryOf(name).label, url: system.url, ...toCredentials(name, system.url, system.token) },
    ...{ tickets: system.tickets(), control: `${server.origin}/_sandbox` },
  }))
  console.log(json ? JSON.stringify({ systems: rows }) : describe(rows))
  const end = async () => {
    await replay.close()
    await Promise.all(running.map(({ server }) => server.close()))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(0)))
  if (webhooks === undefined) return
  const report = await replay
    .replayHistory(webhooks)
    .catch((error: Error) => console.error(`The history was not sent: ${error.message}`))
  if (report && !json) console.log(`Sent ${report.sent} webhooks of the history; refused: ${JSON.stringify(report.refused)}`)
  if (every > 0) replay.startLiveUpdates(webhooks, every)
}

/** What a client signs in with. Systems that send events sign them with the token. */
function toCredentials(name: SandboxSystemName, url: string, token: string): { readonly token: string; readonly email?: string } {
  const block: object = entryOf(name).config({ url, token, partners: { url, secret: token } })
  return { token, ...('email' in block && { email: String(block.email) }) }
}

type Row = ReturnType<typeof toCredentials> & {
  readonly system: string
  readonly label: string
  readonly url: string
  readonly tickets: number
  readonly control: string
}

function describe(rows: readonly Row[]): string {
  const lines = rows.map(({ system, url, email, token, tickets }) => {
    const credentials = email === undefined ? token : `${email}:${token}`
    return `  ${system.padEnd(10)} ${url.padEnd(38)} ${String(tickets).padStart(5)} tickets   ${credentials}`
  })
  const control = rows[0]!.control
  return [
    ...['', `  ${rows.length} simulated systems. Ctrl+C ends them; nothing is stored.`, '', ...lines, ''],
    ...['  Set a fault, see the calls, read a ticket as the system has it:'],
    `    curl -X PUT ${control}/fault -d '{"kind":"status","status":429,"times":1}'`,
    `    curl ${control}/calls`,
    `    curl ${control}/tickets`,
    '',
  ].join('\n')
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) console.log(usage)
  else await run(options)
} catch (error) {
  const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  console.error(isUsage ? `${(error as Error).message}\n\n${usage}` : error)
  process.exit(isUsage ? 2 : 1)
}
