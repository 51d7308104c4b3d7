import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { JSONWebKeySet, JWK } from 'jose'
import type { JwtAuthConfig } from '../../auth/config.ts'
import { readRemoteKeySet } from '../../auth/keys.ts'
import type { GatewayConfig } from '../../config/gateway-config.ts'
import type { Proxies } from '../../outbound/proxies.ts'
import { type Check, type Finding, ok, problem } from './checks.ts'
import { type ConnectionObserver, describeOffset, findConnectionFault, findHostWarnings } from './connections.ts'

/** The keys that tokens are verified with: whether they can be read, and whether one fits `auth.algorithms`. */
export function createIssuerCheck(auth: GatewayConfig['auth'], observer: ConnectionObserver, proxies: Proxies): Check {
  const run = async () => {
    if (auth.mode === 'none') return [ok('auth.mode is none: no keys are needed.')]
    return auth.jwksUrl === undefined ? checkKeyFile(auth) : checkKeyUrl(auth, auth.jwksUrl, observer, proxies)
  }
  return { name: 'issuer keys', run }
}

async function checkKeyFile(auth: JwtAuthConfig): Promise<readonly Finding[]> {
  try {
    const text = await readFile(auth.publicKeyFile ?? '', 'utf8')
    return [toKeyFinding(auth, text.trimStart().startsWith('{') ? toKeys(JSON.parse(text)) : [toJwk(text)])]
  } catch {
    return [problem('The file auth.publicKeyFile cannot be read, or holds no key.', 'Write a PEM file or a JWK set there.')]
  }
}

const timeoutMs = 3_000

async function checkKeyUrl(
  auth: JwtAuthConfig,
  url: string,
  observer: ConnectionObserver,
  proxies: Proxies,
): Promise<readonly Finding[]> {
  try {
    const finding = toKeyFinding(auth, toKeys(await readRemoteKeySet(url, timeoutMs, proxies)))
    return [finding, ...findClockProblem(auth, observer.seen(url).clockOffsetMs), ...findHostWarnings(observer.seen(url))]
  } catch (error) {
    const fault = findConnectionFault(error)
    const { status } = observer.seen(url)
    if (fault) return [fault]
    if (status === null) return [problem('The keys were not sent in time.', 'Check that the issuer runs, and the network to it.')]
    const what = status === 200 ? 'answered with something that is no JWK set' : `answered ${status}`
    return [problem(`The key address ${what}.`, 'Correct auth.jwksUrl.')]
  }
}

/** A clock that differs by more than the gateway allows makes new tokens invalid. */
function findClockProblem({ clockSkewSeconds }: JwtAuthConfig, offsetMs: number | null): readonly Finding[] {
  if (offsetMs === null || Math.abs(offsetMs) <= clockSkewSeconds * 1000) return []
  const found = `The clock of the issuer is ${describeOffset(offsetMs)}; auth.clockSkewSeconds allows ${clockSkewSeconds}.`
  return [problem(found, 'Correct the clocks: good tokens are refused.')]
}

function toKeys(set: JSONWebKeySet): readonly JWK[] {
  return set.keys.filter(({ use }) => use === undefined || use === 'sig')
}

function toJwk(pem: string): JWK {
  return createPublicKey(pem).export({ format: 'jwk' }) as JWK
}

function toKeyFinding({ algorithms }: JwtAuthConfig, keys: readonly JWK[]): Finding {
  const offered = [...new Set(keys.flatMap(toAlgorithms))]
  const usable = algorithms.filter((algorithm) => offered.includes(algorithm))
  const count = `${keys.length} key${keys.length === 1 ? '' : 's'}`
  if (usable.length > 0) return ok(`${count} for ${usable.join(', ')}.`)
  const found = `No key fits auth.algorithms (${algorithms.join(', ')}): the issuer has ${count}, for ${offered.join(', ') || 'nothing'}.`
  return problem(found, 'Add the algorithm of the issuer to auth.algorithms, or correct the place of the keys.')
}

const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const byCurve: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
}

/** RFC 7518: `alg` restricts a key; without it, its type and curve decide. */
function toAlgorithms({ alg, kty, crv }: JWK): readonly string[] {
  if (alg !== undefined) return [alg === 'Ed25519' ? 'EdDSA' : alg]
  if (kty === 'RSA') return rsa
  return crv !== undefined && byCurve[crv] !== undefined ? [byCurve[crv]] : []
}
