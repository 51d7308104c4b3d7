import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Clock } from '../domain/clock.ts'
import { scopes } from '../domain/permissions.ts'
import { developmentKeys } from './development-keys.ts'

const developmentIssuer = 'https://deskgraph.localhost/development'
const developmentAudience = 'deskgraph'

export interface DevelopmentTokenOptions {
  /** Where the key pair is, and is made when it is missing. */
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
  /** The `auth` block (YAML) of a configuration that accepts it. */
  readonly configuration: string
}

/** Makes a token signed by a local key, so that a gateway can be tried signed in. Never configure its key in production. */
export async function createDevelopmentToken(options: DevelopmentTokenOptions): Promise<DevelopmentToken> {
  const { privateKey, publicKeyFile } = developmentKeys(options.directory)
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
  return { token, configuration: configurationOf(publicKeyFile) }
}

function configurationOf(publicKeyFile: string): string {
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
