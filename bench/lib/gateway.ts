import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { startFlags } from '../../test/support/process/built.ts'
import { findFreePort, type Spawned, serverCore, start } from './processes.ts'

const root = new URL('../..', import.meta.url).pathname
const issuer = 'https://issuer.example'
const audience = 'deskgraph'

/** A key pair for one run. */
export interface Identity {
  /** A temporary folder for the gateway's files. */
  readonly folder: string
  readonly publicKeyFile: string
  /** A token with every right. */
  createToken(subject: string): Promise<string>
}

export async function createIdentity(): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-bench-'))
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const publicKeyFile = join(folder, 'key.pem')
  writeFileSync(publicKeyFile, await exportSPKI(publicKey))
  const scope = 'tickets:read tickets:write tickets:raw customers:pii routing:admin source:*'
  return {
    folder,
    publicKeyFile,
    createToken: (subject) =>
      new SignJWT({ scope, email: `${subject}@example.com`, name: subject })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('6h')
        .sign(privateKey),
  }
}

export interface GatewaySetup {
  readonly identity: Identity
  /** Names its files below the identity's folder. */
  readonly name: string
  readonly sources: Readonly<Record<string, object>>
  /** Absent: a free port. */
  readonly port?: number
  /** Further environment, such as DATABASE_URL. Absent: an embedded database. */
  readonly env?: Readonly<Record<string, string>>
  /** The token of `/metrics`. Absent: it is closed. */
  readonly metricsToken?: string
}

export interface StartedGateway extends Spawned {
  readonly port: number
}

/** Deskgraph as `npm start` runs it: identity and every limit on. Only the rate limit of one viewer is above the load. */
export async function startGateway({ identity, name, sources, port, env, metricsToken }: GatewaySetup): Promise<StartedGateway> {
  const config = join(identity.folder, `${name}.json`)
  const auth = { mode: 'jwt', issuer, audience, publicKeyFile: identity.publicKeyFile }
  const limits = { rate: { perSecond: 1_000_000, burst: 1_000_000 } }
  writeFileSync(
    config,
    JSON.stringify({ sources, auth, limits, ...(metricsToken && { observability: { metrics: { token: metricsToken } } }) }),
  )
  const usedPort = port ?? (await findFreePort())
  const spawned = await start([process.execPath, ...startFlags(), 'dist/src/main.js'], {
    core: serverCore,
    cwd: root,
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(usedPort),
      LOG_LEVEL: 'warn',
      DESKGRAPH_CONFIG: config,
      DESKGRAPH_DATA_DIR: join(identity.folder, `data-${name}`),
      ...env,
    },
    readyLine: 'Deskgraph serves',
  })
  return { ...spawned, port: usedPort }
}
