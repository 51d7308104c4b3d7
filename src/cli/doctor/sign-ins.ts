import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import { request } from 'undici'
import type { OpenedEngine } from '../../db/open-store.ts'
import { openPostgres } from '../../db/postgres.ts'
import { createTokenRows } from '../../db/repositories/source-tokens.ts'
import type { Database } from '../../db/schema.ts'
import { systemClock } from '../../domain/clock.ts'
import { toEpochMs } from '../../domain/instant.ts'
import { noLogger } from '../../domain/telemetry.ts'
import { createProxyAgent, type Proxies } from '../../outbound/proxies.ts'
import type { OAuthConfig } from '../../sources/credentials/config.ts'
import type { Credentials } from '../../sources/credentials/credentials.ts'
import { signInFailed } from '../../sources/credentials/credentials.ts'
import type { SignIn } from '../../sources/credentials/oauth-sign-in.ts'
import type { SecretKeys } from '../../sources/credentials/secret-keys.ts'
import { openTokens, type TokenRow } from '../../sources/credentials/token-store.ts'
import { type Check, type Finding, ok, problem, warning } from './checks.ts'
import { type ConnectionObserver, clockAction, describeOffset, findConnectionFault, findHostWarnings } from './connections.ts'

// Sources that sign in by OAuth: their stored tokens, and their token endpoints. Nothing is renewed: an exchange would use up a refresh token.

/** The stored tokens by source. null: they cannot be read now. */
export type ReadTokens = () => Promise<ReadonlyMap<string, TokenRow> | null>

/** Reads the tokens once, from PostgreSQL or from an embedded database that no gateway has open. */
export function createReadTokens(databaseUrl: string | null, dataDir: string | null): ReadTokens {
  let reading: ReturnType<ReadTokens> | undefined
  const read = async () => {
    const opened = await openEngine(databaseUrl, dataDir).catch(() => null)
    if (opened === null) return null
    try {
      const rows = await createTokenRows(new Kysely<Database>({ dialect: opened.dialect }), systemClock).list()
      return new Map(rows.map((row) => [row.sourceKey, row]))
    } catch {
      // The check of the database says why.
      return null
    } finally {
      await opened.close()
    }
  }
  return () => (reading ??= read())
}

async function openEngine(databaseUrl: string | null, dataDir: string | null): Promise<OpenedEngine | null> {
  if (databaseUrl !== null) return openPostgres({ databaseUrl, poolSize: 1, logger: noLogger })
  if (dataDir === null || !existsSync(join(dataDir, 'pglite'))) return null
  const { openPGlite } = await import('../../db/pglite.ts')
  return openPGlite(dataDir)
}

/** The stored access token, as long as it lasts. */
export function createStoredSignIn(readTokens: ReadTokens, keys: SecretKeys | null): SignIn {
  return (source): Credentials => ({
    async current() {
      const row = (await readTokens())?.get(source.key)
      const isOver = row?.accessExpiresAt ? toEpochMs(row.accessExpiresAt) <= Date.now() : false
      const token = row && keys?.keyIds.includes(row.keyId) && !isOver ? openTokens(keys, row).accessToken : null
      if (token === null) throw signInFailed(source, 'there is no valid access token now.')
      return { authorization: `Bearer ${token}` }
    },
    renew: async () => null,
    problem: () => null,
  })
}

export interface SignInCheckDeps {
  readonly key: string
  readonly oauth: OAuthConfig
  readonly keys: SecretKeys | null
  readonly readTokens: ReadTokens
  readonly observer: ConnectionObserver
  readonly proxies: Proxies
}

/** The tokens of one source, the key that opens them, and the token endpoint with its certificate and clock. */
export function createSignInCheck(deps: SignInCheckDeps): Check {
  const run = async (signal: AbortSignal) => {
    const [tokens, endpoint] = await Promise.all([deps.readTokens(), checkEndpoint(deps, signal)])
    return [...(tokens === null ? [unread] : checkTokens(deps, tokens.get(deps.key) ?? null)), ...endpoint]
  }
  return { name: `sign-in ${deps.key}`, limitMs: 20_000, run }
}

const unread = ok('Its tokens could not be read: the database is empty, not reachable, or a running gateway has it open.')
const dayMs = 86_400_000
const minuteMs = 60_000
const refreshDays = 7
/** A running gateway renews each token before its end, and looks four times a minute. */
const unrenewedMs = 10 * minuteMs
const claimMs = 2 * minuteMs
const clockMs = 5_000

function checkTokens({ key, oauth, keys }: SignInCheckDeps, row: TokenRow | null): readonly Finding[] {
  const signIn = `Sign in there as the account of the gateway, and store the refresh token: deskgraph secrets set ${key}.`
  const isRefresh = oauth.grant === 'refresh_token'
  if (row === null) {
    if (!isRefresh || oauth.refreshToken !== undefined) return [ok('It has no tokens yet. The first start obtains them.')]
    return [problem('There is no refresh token.', signIn)]
  }
  if (!keys?.keyIds.includes(row.keyId)) {
    const found = `Its tokens are encrypted with a key that this environment does not have (${row.keyId}).`
    return [problem(found, `Add that key to secrets.otherKeys. Where it is lost: ${signIn}`)]
  }
  const tokens = tryOpen(keys, row)
  if (tokens === null) return [problem('Its stored tokens were changed, or belong to another source.', signIn)]
  if (isRefresh && tokens.refreshToken === null) return [problem('There is no refresh token.', signIn)]
  if (row.state === 'REFUSED') {
    const lost =
      row.uncertainSince === null ? '' : ` A renewal that began at ${row.uncertainSince} was cut off and may have used it up.`
    return [problem(`Its refresh token is not accepted any more.${lost}`, signIn)]
  }
  const warnings = [...findEnds(row, key), ...findStale(row, key, keys)]
  const until = row.accessExpiresAt === null ? '' : ` The access token ends at ${row.accessExpiresAt}.`
  return warnings.length > 0 ? warnings : [ok(`Its tokens are stored and can be opened.${until}`)]
}

function findEnds({ accessExpiresAt, refreshExpiresAt }: TokenRow, key: string): readonly Finding[] {
  const leftOf = (instant: string | null) => (instant === null ? Number.POSITIVE_INFINITY : toEpochMs(instant) - Date.now())
  const findings: Finding[] = []
  if (leftOf(refreshExpiresAt) < refreshDays * dayMs) {
    const action = `It is renewed with the access token while a gateway runs. Otherwise sign in again: deskgraph secrets set ${key}.`
    findings.push(warning(`Its refresh token ends at ${refreshExpiresAt}.`, action))
  }
  if (leftOf(accessExpiresAt) < -unrenewedMs) {
    const action = 'Start the gateway. If one runs, look in its log for the key of the source.'
    findings.push(warning(`Its access token ended at ${accessExpiresAt}, and no gateway has renewed it.`, action))
  }
  return findings
}

function findStale(
  { keyId, obtainedAt, claimedAt, uncertainSince }: TokenRow,
  key: string,
  keys: SecretKeys,
): readonly Finding[] {
  const findings: Finding[] = []
  const aheadMs = toEpochMs(obtainedAt) - Date.now()
  if (aheadMs > clockMs)
    findings.push(warning(`The clock of the replica that stored its tokens is ${describeOffset(aheadMs)}.`, clockAction))
  const isAbandoned = claimedAt !== null && Date.now() - toEpochMs(claimedAt) > claimMs
  if (uncertainSince !== null || isAbandoned) {
    const found = `A renewal that began at ${uncertainSince ?? claimedAt} was cut off: its refresh token may be used up.`
    findings.push(warning(found, `The next renewal shows it. If that is refused, sign in again: deskgraph secrets set ${key}.`))
  }
  if (keyId !== keys.keyId)
    findings.push(warning('Its tokens are encrypted with a former key.', 'Run deskgraph secrets rotate-key.'))
  return findings
}

function tryOpen(keys: SecretKeys, row: TokenRow) {
  try {
    return openTokens(keys, row)
  } catch {
    return null
  }
}

/** Any answer shows that it is reached. Its address is asked without a token and without the secret of the client. */
async function checkEndpoint({ oauth, observer, proxies }: SignInCheckDeps, signal: AbortSignal): Promise<readonly Finding[]> {
  const dispatcher = createProxyAgent(proxies, { maxResponseSize: 1_000_000, allowH2: false })
  try {
    const answer = await request(oauth.tokenUrl, {
      method: 'GET',
      signal: AbortSignal.any([signal, AbortSignal.timeout(3_000)]),
      dispatcher,
    })
    await answer.body.dump()
    return findHostWarnings(observer.seen(oauth.tokenUrl))
  } catch (error) {
    const fault = findConnectionFault(error) ?? problem('It did not answer.', 'Check the network between this machine and it.')
    return [{ ...fault, found: `The token endpoint: ${fault.found}` }]
  } finally {
    void dispatcher.destroy()
  }
}
