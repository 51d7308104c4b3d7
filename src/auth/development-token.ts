import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SignJWT } from 'jose'
import type { Clock } from '../domain/clock.ts'
import { scopes } from '../domain/permissions.ts'

const developmentIssuer = 'https://deskgraph.localhost/development'
const developmentAudience = 'deskgraph'

export interface DevelopmentTokenOptions {
  /** The directory of the key pair, which is created when it is missing. */
  readonly directory: string
  readonly clock: Clock
  readonly subject?: string | undefined
  readonly email?: string | undefined
  readonly name?: string | undefined
  /** Default: every right, in every source. */
  readonly scopes?: readonly string[] | undefined
  /** Default: one hour. */
  readonly lifetimeSeconds?: number | undefined
}

export interface DevelopmentToken {
  readonly token: string
  /** The `auth` block (YAML) of a configuration that accepts the token. */
  readonly configuration: string
}

/**
 * Signs a token with a local key, to try a gateway that requires sign-in. Never configure this key in production: its private
 * half lies unencrypted on the disk.
 */
export async function createDevelopmentToken(options: DevelopmentTokenOptions): Promise<DevelopmentToken> {
  const { privateKey, publicKeyFile } = findOrCreateKeys(options.directory)
  const issuedAt = Math.floor(options.clock() / 1000)
  const token = await new SignJWT({
    scope: (options.scopes ?? [...Object.keys(scopes), 'source:*']).join(' '),
    email: options.email ?? 'developer@example.com',
    name: options.name ?? 'Developer',
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setIssuer(developmentIssuer)
    .setAudience(developmentAudience)
    .setSubject(options.subject ?? 'developer')
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + (options.lifetimeSeconds ?? 3_600))
    .sign(privateKey)
  return { token, configuration: toConfiguration(publicKeyFile) }
}

function toConfiguration(publicKeyFile: string): string {
  return [
    'auth:',
    '  mode: jwt',
    `  issuer: ${developmentIssuer}`,
    `  audience: ${developmentAudience}`,
    `  publicKeyFile: ${JSON.stringify(publicKeyFile)}`,
    '  algorithms: [ES256]',
    '',
  ].join('\n')
}

/** Only the owner of the directory may read the private key. `publicKeyFile` is the absolute path of the public one (PEM). */
function findOrCreateKeys(directory: string): { readonly privateKey: KeyObject; readonly publicKeyFile: string } {
  const privateKeyFile = resolve(directory, 'development-key.pem')
  const publicKeyFile = resolve(directory, 'development-key.pub.pem')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const privateKey = readKey(privateKeyFile) ?? createKey(privateKeyFile)
  writeFileSync(publicKeyFile, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }))
  return { privateKey, publicKeyFile }
}

function readKey(file: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function createKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // `wx` fails when the file exists: two commands at the same time must not continue with two different keys.
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return privateKey
}
