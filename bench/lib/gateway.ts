import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePorts } from './field.ts'
import { type Spawned, serverCore, start } from './processes.ts'
import { type Identity, startCommand } from './servers.ts'

export interface GatewaySetup {
  readonly identity: Identity
  /** Of its files, below the identity's folder. */
  readonly name: string
  readonly sources: Readonly<Record<string, object>>
  /** Where it keeps what it keeps; absent: an embedded database of its own. */
  readonly storage?: Readonly<Record<string, string>>
}

export interface StartedGateway extends Spawned {
  readonly port: number
}

/**
 * Ours on the servers' core as `npm start` runs it in production, over any sources: every limit on, tokens asked for. Only the
 * rate of one viewer stands above the load.
 */
export async function startGateway({ identity, name, sources, storage }: GatewaySetup): Promise<StartedGateway> {
  const config = join(identity.folder, `${name}.json`)
  writeFileSync(config, JSON.stringify(toConfig(identity, sources)))
  const [port] = await findFreePorts()
  const env = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DESKGRAPH_CONFIG: config,
    ...(storage ?? { DESKGRAPH_DATA_DIR: join(identity.folder, `data-${name}`) }),
  }
  return { ...(await start(serverCore, startCommand(), { env, readyLine: 'Deskgraph serves' })), port }
}

function toConfig({ publicKeyFile }: Identity, sources: GatewaySetup['sources']): object {
  return {
    sources,
    auth: { mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', publicKeyFile },
    limits: { rate: { perSecond: 1_000_000, burst: 1_000_000 } },
  }
}
