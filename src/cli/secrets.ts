import { randomUUID } from 'node:crypto'
import { text as readAll } from 'node:stream/consumers'
import { oauthOf } from '../config/gateway-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import { now, systemClock } from '../domain/clock.ts'
import { createAuditLog } from '../observability/audit-log.ts'
import type { SecretKeys } from '../sources/credentials/secret-keys.ts'
import { openTokens, sealTokens, setRefreshToken, type TokenRow, type TokenRows } from '../sources/credentials/token-store.ts'
import { fail } from './fail.ts'
import { type CommandScope, withStore } from './with-store.ts'

// `deskgraph secrets …`: the stored tokens of sources that sign in by OAuth. No command prints a token.

/** Where a command reads and writes. */
export interface SecretsStreams {
  readonly in: NodeJS.ReadStream
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream
}

/** The option of the commands that change something. */
export interface AuditOption {
  readonly audit?: string | undefined
}

const longestToken = 16_384

/** `deskgraph secrets set SOURCE`. */
export function setSecret(key: string, options: AuditOption, environment: Environment, streams: SecretsStreams): Promise<void> {
  return withStore(environment, async (scope) => {
    const source = scope.config.sources[key] ?? fail(`There is no source "${key}".`)
    const oauth = oauthOf(source) ?? fail(`The source "${key}" has no oauth block.`)
    if (oauth.grant !== 'refresh_token') fail(`The source "${key}" signs in by ${oauth.grant}, which has no refresh token.`)
    if (streams.in.isTTY) fail(`A terminal would show the token. Send it in: deskgraph secrets set ${key} < FILE`)
    const refreshToken = (await readAll(streams.in)).trim()
    if (!/^[ -~]+$/.test(refreshToken) || refreshToken.length > longestToken) {
      fail('The standard input holds no token: one line of visible ASCII characters is expected.')
    }
    const given = { refreshToken, configured: oauth.refreshToken ?? null, at: now(systemClock) }
    await setRefreshToken(scope.store.tokens, needKeys(scope), key, given)
    record('setSecret', key, options, streams)
    streams.out.write(`The refresh token of ${key} is stored. Running gateways use it within a quarter of a minute.\n`)
  })
}

/** `deskgraph secrets list`. */
export function listSecrets(environment: Environment, json: boolean, { out }: Pick<SecretsStreams, 'out'>): Promise<void> {
  return withStore(environment, async ({ store, keys, config }) => {
    const listed = (await store.tokens.list()).map((row) => ({
      source: row.sourceKey,
      state: toState(row, keys, config.sources[row.sourceKey] !== undefined),
      accessTokenUntil: row.accessExpiresAt,
      refreshTokenUntil: row.refreshExpiresAt,
      storedAt: row.obtainedAt,
      renewingSince: row.claimedAt,
      key: row.keyId,
    }))
    if (json) {
      out.write(`${JSON.stringify(listed, null, 2)}\n`)
      return
    }
    const rows = listed.map((one) => Object.values(one).map((value) => value ?? '-'))
    const table = [
      ['source', 'state', 'access token until', 'refresh token until', 'stored at', 'renewing since', 'key'],
      ...rows,
    ]
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
    for (const row of table)
      out.write(
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
      )
  })
}

function toState({ state, keyId, uncertainSince }: TokenRow, keys: SecretKeys | null, isConfigured: boolean): string {
  if (!isConfigured) return 'NO SOURCE'
  if (!keys?.keyIds.includes(keyId)) return 'UNKNOWN KEY'
  if (state === 'REFUSED') return 'SIGN IN AGAIN'
  return uncertainSince === null ? 'READY' : 'UNCERTAIN'
}

/** `deskgraph secrets rotate-key`. Returns the exit code: 1 when a token cannot be opened. */
export function rotateKey(options: AuditOption, environment: Environment, streams: SecretsStreams): Promise<0 | 1> {
  return withStore(environment, async (scope) => {
    const keys = needKeys(scope)
    const { tokens } = scope.store
    const before = await tokens.list()
    const unknown = before.filter(({ keyId }) => !keys.keyIds.includes(keyId))
    const old = before.filter(({ keyId }) => keyId !== keys.keyId && keys.keyIds.includes(keyId))
    for (const { sourceKey } of old) await resealRow(tokens, keys, sourceKey)
    record('rotateSecretsKey', null, options, streams, old.length)
    streams.out.write(`${old.length} of ${before.length} stored tokens were encrypted again, with the key ${keys.keyId}.\n`)
    for (const { sourceKey, keyId } of unknown) {
      streams.err.write(
        `${sourceKey}: it is encrypted with the key ${keyId}, which is not among secrets.key and secrets.otherKeys.\n`,
      )
    }
    return unknown.length === 0 ? 0 : 1
  })
}

/** A gateway may renew the token meanwhile: then the new row is encrypted, where that is still needed. */
async function resealRow(rows: TokenRows, keys: SecretKeys, sourceKey: string): Promise<void> {
  for (;;) {
    const row = await rows.find(sourceKey)
    if (row === null || row.keyId === keys.keyId) return
    if (await rows.reseal(row, sealTokens(keys, sourceKey, openTokens(keys, row)))) return
  }
}

function needKeys({ keys }: CommandScope): SecretKeys {
  return keys ?? fail('There is no key: set DESKGRAPH_SECRETS_KEY, or secrets.key in the configuration file.')
}

function record(
  what: string,
  source: string | null,
  { audit: file }: AuditOption,
  { err }: SecretsStreams,
  count?: number,
): void {
  const log = createAuditLog({ file, write: (line) => void err.write(line), clock: systemClock })
  const entry = { who: 'operator', what, subject: source, outcome: 'APPLIED', requestId: randomUUID() }
  log.record(count === undefined ? entry : { ...entry, count })
}
