import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { httpUrl } from '../domain/config-values.ts'
import { isScope, scopes } from '../domain/permissions.ts'

/** The algorithms that may be configured. Shared-secret algorithms (HS) are missing, so none can be switched on: TOKEN-02. */
const signatureAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const

/** The entry of `typ` that stands for a token without that header parameter. */
export const noType = 'none'

const atLeastOne = <T extends z.ZodType>(item: T) => z.array(item).min(1)

const claim = z.string().min(1)

const claims = z
  .strictObject({
    scopes: claim.default('scope').describe('The claim with the rights: a list, or text with blanks between them.'),
    identity: claim.default('email').describe('The claim that goes upstream as the agent (X-Agent-User-ID).'),
    name: claim.default('name').describe("The claim with the person's name."),
  })
  .describe('Which claims say what: by their exact name, else as a path with dots, e.g. realm_access.roles.')

const scope = z.string().refine(isScope, `this is no scope: write ${Object.keys(scopes).join(', ')}, source:<key> or source:*`)

const jwtAuth = z
  .strictObject({
    mode: z.literal('jwt').describe('Bearer tokens of an issuer are verified.'),
    issuer: z.string().min(1).describe('The exact `iss` of a good token.'),
    audience: z
      .union([z.string().min(1), atLeastOne(z.string().min(1))])
      .describe('The `aud` of a good token: one, or any of a list.'),
    audienceClaim: claim
      .optional()
      .describe(
        'For an issuer whose tokens have no `aud`: the claim that holds one of `audience` instead, e.g. client_id. An `aud` that is there must fit too.',
      ),
    jwksUrl: httpUrl('name an address that needs none')
      .refine(isSafeKeyUrl, 'Use https; plain http is only for a loopback address.')
      .optional()
      .describe("Where the issuer's public keys are."),
    publicKeyFile: z
      .string()
      .min(1)
      .optional()
      .describe('Instead of jwksUrl: a PEM file (SPKI or certificate) or a JWK set file.'),
    algorithms: atLeastOne(z.enum(signatureAlgorithms))
      .default(['RS256', 'ES256', 'EdDSA'])
      .describe('The signatures that are accepted.'),
    typ: atLeastOne(z.string().min(1))
      .default(['JWT', 'at+jwt'])
      .describe(`The \`typ\` of the header: one of these. \`${noType}\` also accepts a token without \`typ\`.`),
    maxLifetimeSeconds: z.number().int().min(1).default(43_200).describe('A token that is made to live longer is refused.'),
    clockSkewSeconds: z.number().int().min(0).max(600).default(30).describe("How far the issuer's clock may be off."),
    claims: claims.prefault({}),
    scopeMap: z
      .record(z.string(), z.array(scope))
      .default({})
      .describe('What a value of the scopes claim stands for, e.g. a role of the issuer. Other values are the scope itself.'),
  })
  .refine((auth) => (auth.jwksUrl === undefined) !== (auth.publicKeyFile === undefined), {
    message: 'Name exactly one of jwksUrl and publicKeyFile.',
    path: ['jwksUrl'],
  })

const noAuth = z.strictObject({
  mode: z.literal('none').describe('Every request has every right. Only for a gateway that listens on a loopback address.'),
})

/** The block `auth`: how viewers are identified. */
export const authConfig = z.discriminatedUnion('mode', [jwtAuth, noAuth])
export type AuthConfig = z.infer<typeof authConfig>
export type JwtAuthConfig = Extract<AuthConfig, { mode: 'jwt' }>

function isSafeKeyUrl(text: string): boolean {
  if (!URL.canParse(text)) return true
  const url = new URL(text)
  return url.protocol === 'https:' || isLoopbackHost(url.hostname)
}

/**
 * Says why this mode must not be used on this listening address; null when it may. Without sign-in, only this machine may
 * reach the gateway.
 */
export function problemWithHost(auth: AuthConfig, host: string): string | null {
  if (auth.mode !== 'none' || isLoopbackHost(host)) return null
  return 'auth.mode is none, which is only for a loopback address (HOST 127.0.0.1, ::1 or localhost): configure auth.mode jwt, or listen on loopback.'
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for a host name or address that means this machine alone. An empty or wildcard address does not. */
function isLoopbackHost(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (bare.toLowerCase() === 'localhost') return true
  const family = isIP(bare)
  return family !== 0 && loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}
