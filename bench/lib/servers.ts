import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { startFlags } from '../../test/support/process/built.ts'
import { hiveContenders } from './hive.ts'
import type { Workload } from './operations.ts'
import { type Spawned, serverCore, start } from './processes.ts'
import { profileFlags } from './profile/profile-flags.ts'

/** A server under test. */
export interface Contender {
  readonly key: string
  readonly label: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The request's query; absent: the workload's own. */
  queryOf?(workload: Workload): string
  variablesOf?(variables: Record<string, unknown>): Record<string, unknown>
  /** Its answer in the form that all others have; absent: it has that form. */
  toCommonForm?(workload: Workload, data: unknown): unknown
  start(port: number, upstreamPort: number): Promise<Spawned>
}

const root = new URL('../..', import.meta.url).pathname
const peers = join(root, 'bench/peers')
const plainHeaders = { accept: 'application/json' }

export async function allContenders(): Promise<readonly Contender[]> {
  const identity = await createIdentity()
  return [
    ours('deskgraph', 'Deskgraph', identity, true),
    ours('deskgraph-unshared', 'Deskgraph, no shared look-ups', identity, false),
    script('baseline', 'hand-written node:http + undici', root, 'bench/servers/baseline.ts'),
    ...(existsSync(join(peers, 'node_modules')) ? peerContenders() : []),
    ...hiveContenders(),
  ]
}

function peerContenders(): Contender[] {
  return [
    script('apollo', 'Apollo Server 5 + Fastify + DataLoader', peers, 'apollo.mjs'),
    script('mercurius', 'Mercurius + jit', peers, 'mercurius.mjs'),
    script('yoga', 'GraphQL Yoga', peers, 'yoga.mjs'),
    script('yoga-jit', 'GraphQL Yoga + jit', peers, 'yoga.mjs', { JIT: '1' }),
  ]
}

function script(key: string, label: string, cwd: string, file: string, env: Record<string, string> = {}): Contender {
  return {
    key,
    label,
    path: '/graphql',
    headers: plainHeaders,
    start: (port, upstreamPort) =>
      start(serverCore, [process.execPath, ...profileFlags(), file], {
        cwd,
        env: { ...envFor(port, upstreamPort), ...env },
        readyLine: 'ready',
      }),
  }
}

function envFor(port: number, upstreamPort: number): Record<string, string> {
  return { NODE_ENV: 'production', PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstreamPort}/ticket-detail` }
}

/** A key pair of the bench's own. */
export interface Identity {
  /** For whatever the gateway reads and keeps. */
  readonly folder: string
  readonly publicKeyFile: string
  /** With every right: what the requests carry. */
  readonly token: string
  /** The same rights for somebody else. */
  tokenOf(subject: string): Promise<string>
}

export async function createIdentity(): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-bench-'))
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const publicKeyFile = join(folder, 'key.pem')
  writeFileSync(publicKeyFile, await exportSPKI(publicKey))
  const scope = 'tickets:read tickets:write tickets:raw customers:pii routing:admin source:*'
  const tokenOf = (subject: string) =>
    new SignJWT({ scope, email: `${subject}@example.com`, name: subject })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
      .setIssuer('https://issuer.example')
      .setAudience('deskgraph')
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('6h')
      .sign(privateKey)
  return { folder, publicKeyFile, token: await tokenOf('bench'), tokenOf }
}

/** The gateway as `npm start` runs it in production: its own flags, identity, every limit on. The rate limit stands above the load. */
function ours(key: string, label: string, { folder, publicKeyFile, token }: Identity, shareReads: boolean): Contender {
  return {
    key,
    label,
    path: '/graphql',
    headers: { ...plainHeaders, authorization: `Bearer ${token}` },
    start(port, upstreamPort) {
      const config = join(folder, `${key}-${port}.yaml`)
      writeFileSync(config, toConfig(upstreamPort, publicKeyFile, shareReads))
      const env = {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        LOG_LEVEL: 'warn',
        DESKGRAPH_CONFIG: config,
        DESKGRAPH_DATA_DIR: join(folder, `data-${key}-${port}`),
      }
      return start(serverCore, startCommand(), { cwd: root, env, readyLine: 'Deskgraph serves' })
    },
  }
}

/** What `npm start` runs, without npm around it. BENCH_DIST names the folder of another build. */
export function startCommand(): string[] {
  const extra = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean)
  // Of two flags the later one holds.
  return [
    process.env.BENCH_NODE ?? process.execPath,
    ...startFlags(),
    ...extra,
    ...profileFlags(),
    `${process.env.BENCH_DIST ?? 'dist'}/src/main.js`,
  ]
}

function toConfig(upstreamPort: number, publicKeyFile: string, shareReads: boolean): string {
  return `
sources:
  oneview:
    system: oneview
    url: http://127.0.0.1:${upstreamPort}/ticket-detail
    token: bench
    upstream: { shareReads: ${shareReads} }
auth:
  mode: jwt
  issuer: https://issuer.example
  audience: deskgraph
  publicKeyFile: ${publicKeyFile}
limits:
  rate: { perSecond: 1000000, burst: 1000000 }
${process.env.BENCH_EXTRA_LIMITS ?? ''}
`
}
