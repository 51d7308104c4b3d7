import { Agent } from 'undici'
import { createSandbox } from '../../../sandbox/sandbox.ts'
import { writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { type GatewayProcess, type ProcessEnvironment, startProcess } from '../../support/process/gateway-process.ts'
import { startCountingPartner } from '../../support/process/partner.ts'
import { freePort } from './programs.ts'
import { startPostgres, startRedis } from './servers.ts'

/** Two gateways of one installation, with everything that they use. */
export type TwoReplicas = Awaited<ReturnType<typeof startTwoReplicas>>

export interface TwoReplicasOptions {
  /** The folder for the files of PostgreSQL. Absent: a new one. */
  readonly postgresFolder?: string
  /** The entry file of another version, for both. Absent: the present sources. */
  readonly main?: string
  readonly config?: Readonly<Record<string, unknown>>
  /** Sources beside OneView's simulator. */
  readonly sources?: Readonly<Record<string, object>>
}

/** Starts PostgreSQL, Redis, a partner, a simulator of OneView, and two gateways on ports that stay the same over restarts. */
export async function startTwoReplicas({ postgresFolder, main, config = {}, sources: more = {} }: TwoReplicasOptions = {}) {
  const sandbox = await createSandbox({ counts: { oneview: 50, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
  const [partner, postgres, redis] = await Promise.all([startCountingPartner(), startPostgres(postgresFolder), startRedis()])
  // The release before does not know the key `mirrors`.
  const { mirrors: _, ...oneview } = sandbox.gatewayConfig().sources.oneview
  const sources = { oneview, ...more }
  const files = writeGatewayFiles({ partnerUrl: partner.url, sources, config })
  const environment: ProcessEnvironment = {
    DESKGRAPH_CONFIG: files.configFile,
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
  }
  const ports = [await freePort(), await freePort()] as const
  const start = (index: 0 | 1, version = main) => startProcess({ ...environment, PORT: String(ports[index]) }, version)
  const replicas: [GatewayProcess, GatewayProcess] = [await start(0), await start(1)]
  const http = new Agent()
  return {
    postgres,
    redis,
    partner,
    /** The variables of both, for a command of the same installation. */
    environment,
    replicas,
    http,
    urls: [new URL(replicas[0].url), new URL(replicas[1].url)] as const,
    /** Ends one replica and starts it again on its port. `version`: the entry file of another version. */
    async restart(index: 0 | 1, version?: string) {
      const ended = await replicas[index].stop()
      replicas[index] = await start(index, version)
      return ended
    },
    /** What a probe learns of each replica: the status of readiness, and the state of the store and of Redis. */
    readiness: (index: 0 | 1) => readReadiness(http, replicas[index].url),
    async close() {
      await Promise.all(replicas.map((replica) => replica.stop()))
      await Promise.all([http.destroy(), sandbox.close(), partner.close(), postgres.close()])
      await redis.program.end('SIGKILL')
      files.remove()
    },
  }
}

async function readReadiness(http: Agent, origin: string) {
  const { statusCode, body } = await http.request({ origin, path: '/health/ready', method: 'GET' })
  const { dependencies } = (await body.json()) as { dependencies: { name: string; state: string; problem?: string }[] }
  return { status: statusCode, ...Object.fromEntries(dependencies.map(({ name, state }) => [name, state])) }
}
