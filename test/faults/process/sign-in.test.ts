import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { describe, expect, onTestFinished } from 'vitest'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import { setRefreshToken } from '../../../src/sources/credentials/token-store.ts'
import { createDatabase, hasPostgres, openTestStore } from '../../support/databases.ts'
import { type OAuthServer, startOAuthServer } from '../../support/oauth-server.ts'
import { guarantee } from '../guarantee.ts'

const key = 'ab'.repeat(32)
const program = fileURLToPath(new URL('../../support/process/sign-in-replica.ts', import.meta.url))

interface Replica {
  /** `200`, or the code and message of the error. */
  read(): Promise<string>
  /** SIGKILL, and the end of the process. */
  slay(): Promise<void>
}

async function startReplica(databaseUrl: string, server: OAuthServer): Promise<Replica> {
  const { id: clientId, secret: clientSecret } = server.client
  const oauth = { tokenUrl: server.tokenUrl, clientId, clientSecret, refreshToken: server.first, timeoutMs: 500 }
  const options = JSON.stringify({ databaseUrl, apiUrl: server.url, key, oauth })
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program, options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const slay = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(slay)
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value as string
  expect(await next()).toBe('ready')
  return {
    slay,
    read() {
      child.stdin!.write('read\n')
      return next()
    },
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function openDatabase() {
  const database = await createDatabase()
  onTestFinished(database.drop)
  const [client, watcher] = await Promise.all([connect(database.url), connect(database.url)])
  return { url: database.url, client, watcher }
}

/** Resolves when the next exchange has issued its tokens; the answer waits until `answer`. */
function holdNextAnswer(server: OAuthServer): Promise<() => void> {
  return new Promise((resolve) => {
    server.onIssued = (answer) => {
      server.onIssued = null
      resolve(answer)
    }
  })
}

describe.runIf(await hasPostgres())('kill -9 during the renewal of a token', () => {
  guarantee(
    'SECRET-07',
    { fault: 'a replica is killed after the token endpoint has answered, before its commit', expected: 'the other one goes on' },
    async () => {
      const server = await startOAuthServer({ used: { leewayMs: 600_000 } })
      const { url, client, watcher } = await openDatabase()
      const [first, second] = await Promise.all([startReplica(url, server), startReplica(url, server)])
      const held = holdNextAnswer(server)
      const reading = first.read()
      const answer = await held
      // The claim is committed; the row is locked, so that the tokens arrive in the process and cannot be stored.
      await client.query('begin')
      await client.query('select 1 from source_tokens for update')
      answer()
      const waiting = `from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
      const countWaiting = async () => (await watcher.query(`select 1 ${waiting}`)).rowCount
      await expect.poll(countWaiting).toBe(1)
      await first.slay()
      // The server would still execute the statement of the process that is gone.
      await watcher.query(`select pg_terminate_backend(pid) ${waiting}`)
      await expect.poll(countWaiting).toBe(0)
      await client.query('rollback')
      void reading.catch(() => {})
      const startedAt = performance.now()
      expect(await second.read()).toBe('200')
      const waitedMs = performance.now() - startedAt
      expect(server.exchanges.map(({ status }) => status)).toEqual([200, 200])
      expect(server.exchanges.map(({ form }) => form.refresh_token)).toEqual([server.first, server.first])
      const { rows } = await client.query('select state, claimed_by, uncertain_since from source_tokens')
      expect(rows).toEqual([{ state: 'READY', claimed_by: null, uncertain_since: null }])
      return `read again after ${(waitedMs / 1000).toFixed(1)} s`
    },
  )

  guarantee(
    'SECRET-07',
    { fault: 'the same, where the system deletes a refresh token at its use', expected: 'the error says when, and what to do' },
    async () => {
      const server = await startOAuthServer({ used: 'deleted' })
      const { url } = await openDatabase()
      const first = await startReplica(url, server)
      const held = holdNextAnswer(server)
      const reading = first.read()
      await held
      await first.slay()
      void reading.catch(() => {})
      const second = await startReplica(url, server)
      const error = await second.read()
      expect(error).toMatch(
        /^UPSTREAM_AUTH_FAILED Acme: sign in again: the refresh token is not accepted any more\. A renewal that began at \d{4}-\d\d-\d\dT\S+Z ended before its answer was stored, and may have used it up\. .*deskgraph secrets set acme\.$/,
      )
      const store = await openTestStore({ databaseUrl: url, findSource: () => null })
      const signedIn = { refreshToken: server.signIn(), configured: server.first, at: new Date().toISOString() }
      await setRefreshToken(store.tokens, createSecretKeys([key]), 'acme', signedIn)
      await store.close()
      await expect.poll(() => second.read(), { timeout: 10_000, interval: 500 }).toBe('200')
      return 'named, and mended by a new sign-in without a restart'
    },
  )

  guarantee(
    'SECRET-07',
    {
      fault: 'one of two replicas is killed 8 times around its exchange, tokens end after 1 s',
      expected: 'no token is lost',
      timeoutMs: 240_000,
    },
    async () => {
      const server = await startOAuthServer({ expiresIn: 1, used: { leewayMs: 600_000 } })
      const { url } = await openDatabase()
      const steady = await startReplica(url, server)
      for (let round = 0; round < 8; round++) {
        const victim = await startReplica(url, server)
        // On a quick machine the token of the round before is still good.
        await sleep(1_100)
        const asked = holdNextAnswer(server)
        void victim.read().catch(() => {})
        const answer = await asked
        // Before the answer, while it is stored, or after that.
        const answersAfterMs = round % 4 === 0 ? 10_000 : 0
        setTimeout(answer, answersAfterMs).unref()
        await sleep(round * 4)
        await victim.slay()
        expect(await steady.read()).toBe('200')
      }
      expect(server.exchanges.filter(({ status }) => status !== 200)).toEqual([])
      expect(server.exchanges.length).toBeGreaterThan(8)
      return `8 reads, ${server.exchanges.length} exchanges, none refused`
    },
  )

  guarantee('SECRET-06', { fault: 'four replicas start at the same moment', expected: 'one exchange' }, async () => {
    const server = await startOAuthServer()
    server.onIssued = (answer) => void setTimeout(answer, 200)
    const { url } = await openDatabase()
    const replicas = await Promise.all(Array.from({ length: 4 }, () => startReplica(url, server)))
    expect(await Promise.all(replicas.map((replica) => replica.read()))).toEqual(['200', '200', '200', '200'])
    expect(server.exchanges).toHaveLength(1)
    return '1 exchange, 4 reads'
  })
})
