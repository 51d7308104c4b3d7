import { createFeed } from './feed.ts'
import { partnerSecret, toGatewayConfig, tokens } from './gateway-config.ts'
import { createOneView } from './oneview/simulator.ts'
import { createPartnerReceiver } from './partner/receiver.ts'
import { createRandom } from './random.ts'
import { createRbi } from './rbi/simulator.ts'
import { type SimulatorServer, serveSimulator } from './server.ts'
import type { Simulator } from './simulator.ts'
import { startOfDay } from './times.ts'
import { type Sandbox, type SandboxOptions, type SandboxSystem, type SandboxSystemName, sandboxSystems } from './types.ts'
import { createVcc } from './vcc/simulator.ts'
import { createVerifik } from './verifik/simulator.ts'
import { createWasabi } from './wasabi/simulator.ts'

export type { Sandbox, SandboxOptions, SandboxSystem } from './types.ts'

const defaultCounts: Readonly<Record<SandboxSystemName, number>> = { oneview: 700, verifik: 450, vcc: 350, wasabi: 350, rbi: 150 }

/** Starts the five simulators and the partners' receiver, each a real HTTP server on a loopback port of its own. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const simulators = createSimulators(options)
  const partnerReceiver = createPartnerReceiver(partnerSecret)
  const serve = async (name: SandboxSystemName | 'partners', simulator: Simulator) => {
    const { host = '127.0.0.1', latencyMs = 0, ports = {} } = options
    return serveSimulator(simulator, { host, latencyMs, port: ports[name] ?? 0 })
  }
  const [oneview, verifik, vcc, wasabi, rbi, partners] = await Promise.all([
    ...sandboxSystems.map((name) => serve(name, simulators[name])),
    serve('partners', partnerReceiver),
  ] as [P, P, P, P, P, P])
  const servers = { oneview, verifik, vcc, wasabi, rbi }
  const systems = toSystems(simulators, servers)
  const feed = createFeed(simulators)
  return {
    ...systems,
    partners: {
      ...toSystem(partnerReceiver, partners, partners.origin, partnerSecret),
      received: partnerReceiver.received,
      refused: partnerReceiver.refused,
    },
    tickets: () => sandboxSystems.reduce((sum, name) => sum + simulators[name].tickets(), 0),
    gatewayConfig: () =>
      toGatewayConfig({ oneview: systems.oneview.url, verifik: systems.verifik.url, partners: partners.origin }),
    feed: feed.run,
    live: feed.live,
    async close() {
      await feed.close()
      await Promise.all([...Object.values(servers), partners].map((server) => server.close()))
    },
  }
}
type P = Promise<SimulatorServer>

function createSimulators({ seed = 'deskgraph', today = Date.now(), counts = {} }: SandboxOptions) {
  const until = startOfDay(today)
  const base = (name: SandboxSystemName) => ({
    random: createRandom(`${seed}/${name}`),
    until,
    count: counts[name] ?? defaultCounts[name],
    token: tokens[name],
    secret: tokens[name],
  })
  return {
    oneview: createOneView(base('oneview')),
    verifik: createVerifik(base('verifik')),
    vcc: createVcc(base('vcc')),
    wasabi: createWasabi(base('wasabi')),
    rbi: createRbi(base('rbi')),
  }
}
export type SandboxSimulators = ReturnType<typeof createSimulators>

function toSystems(simulators: SandboxSimulators, servers: Readonly<Record<SandboxSystemName, SimulatorServer>>) {
  const system = (name: SandboxSystemName, path = '') =>
    toSystem(simulators[name], servers[name], servers[name].origin + path, tokens[name])
  return {
    oneview: system('oneview', '/ticket-detail'),
    verifik: system('verifik'),
    vcc: system('vcc'),
    wasabi: system('wasabi'),
    rbi: system('rbi'),
  }
}

function toSystem(simulator: Simulator, server: SimulatorServer, url: string, token: string): SandboxSystem {
  return {
    url,
    token,
    calls: server.calls.counts,
    callLog: server.calls.latest,
    resetCalls: server.calls.reset,
    tickets: simulator.tickets,
    ticket: simulator.ticket,
    fault: server.setFault,
  }
}
