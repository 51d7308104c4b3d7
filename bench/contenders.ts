import { type Identity, startGateway } from './lib/gateway.ts'
import { hiveContender } from './lib/hive.ts'
import { type Spawned, serverCore, start } from './lib/processes.ts'
import { pageSize } from './lib/tickets.ts'
import { type OperationName, operations, pageCount } from './workloads.ts'

/** A server under test. To add one: start it here, and let it answer `operations` (or its own `queries`) at /graphql. */
export interface Contender {
  readonly key: string
  readonly label: string
  /** Starts the server on `port`, over the simulated vendor on `upstreamPort`. Resolves when it answers. */
  start(port: number, upstreamPort: number): Promise<Spawned>
  /** The cursor of every page; absent: the number of the page before. */
  readCursors?(port: number, token: string): Promise<readonly (string | null)[]>
  /** The server's own form of the operations; absent: `operations`. */
  readonly queries?: Readonly<Record<OperationName, string>>
  toOwnVariables?(variables: object): object
  /** Translates an answer to the graph's form before it is compared; absent: it has that form. */
  toCommonForm?(operation: OperationName, data: unknown): unknown
}

const peersFolder = new URL('peers', import.meta.url).pathname
const benchFolder = new URL('.', import.meta.url).pathname

export function allContenders(identity: Identity): readonly Contender[] {
  return [
    deskgraph('deskgraph', 'Deskgraph', 'on', identity),
    deskgraph('deskgraph-off', 'Deskgraph, performance off', 'off', identity),
    script('baseline', 'hand-written node:http + undici', benchFolder, 'servers/baseline.ts'),
    script('mercurius', 'Mercurius + jit', peersFolder, 'mercurius.mjs'),
    script('yoga', 'GraphQL Yoga + jit', peersFolder, 'yoga.mjs'),
    script('apollo', 'Apollo Server 5 + Fastify', peersFolder, 'apollo.mjs'),
    hiveContender,
  ]
}

/** As `npm start` runs it in production, with identity and every limit on. */
function deskgraph(key: string, label: string, performance: 'on' | 'off', identity: Identity): Contender {
  return {
    key,
    label,
    start: (port, upstreamPort) =>
      startGateway({
        identity,
        name: key,
        port,
        sources: { oneview: { system: 'oneview', url: `http://127.0.0.1:${upstreamPort}/ticket-detail`, token: 'bench' } },
        env: { DESKGRAPH_PERFORMANCE: performance },
      }),
    readCursors,
  }
}

async function readCursors(port: number, token: string): Promise<readonly (string | null)[]> {
  const query = operations.page.replace('{ nodes', '{ pageInfo { endCursor } nodes')
  const cursors: (string | null)[] = [null]
  while (cursors.length < pageCount) {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { first: pageSize, after: cursors.at(-1) } }),
    })
    const { data } = (await answer.json()) as { data?: { tickets?: { pageInfo: { endCursor: string } } } }
    if (!data?.tickets) throw new Error(`Page ${cursors.length} of ${pageCount} has no cursor.`)
    cursors.push(data.tickets.pageInfo.endCursor)
  }
  return cursors
}

function script(key: string, label: string, cwd: string, file: string): Contender {
  return {
    key,
    label,
    start: (port, upstreamPort) =>
      start([process.execPath, file], {
        core: serverCore,
        cwd,
        env: { NODE_ENV: 'production', PORT: String(port), UPSTREAM: `http://127.0.0.1:${upstreamPort}/ticket-detail` },
        readyLine: 'ready',
      }),
  }
}
