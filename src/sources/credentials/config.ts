import { z } from 'zod'
import { httpUrl } from '../../domain/config-values.ts'

/** RFC 6749 appendix A: a client's id and secret, and a refresh token, are visible ASCII characters with blanks. */
const visible = z
  .string()
  .trim()
  .regex(/^[ -~]+$/, 'write visible ASCII characters, on one line')
/** RFC 6749 §3.3. */
const scope = z.string().regex(/^[!#-[\]-~]+$/, 'a scope is one word: write a list of them')

const isSafe = (text: string) => {
  if (!URL.canParse(text)) return true
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** The block `oauth` of a source: how the gateway gets its access tokens (RFC 6749). */
export const oauthConfig = z
  .strictObject({
    tokenUrl: httpUrl('use the keys `clientId` and `clientSecret`')
      .refine(isSafe, 'must be https: the refresh token and the secret of the client are sent there')
      .describe('The token endpoint of the system (RFC 6749 §3.2).'),
    clientId: visible.describe('The id of the client that is registered at the system.'),
    clientSecret: visible.describe('The secret of that client.'),
    grant: z
      .enum(['refresh_token', 'client_credentials'])
      .default('refresh_token')
      .describe('`refresh_token`: acts as the person who signed in. `client_credentials`: acts as the client itself.'),
    refreshToken: visible
      .optional()
      .describe(
        'The first refresh token, of the sign-in. The gateway stores each later one, and takes a text that it finds here once. Absent: `deskgraph secrets set`.',
      ),
    scopes: z.array(scope).default([]).describe('What is asked for. Empty: what the sign-in granted.'),
    clientAuthentication: z
      .enum(['body', 'basic'])
      .default('body')
      .describe('Where the secret of the client is sent: in the body, or by HTTP Basic (RFC 6749 §2.3.1).'),
    timeoutMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(10_000)
      .describe('How long one call of the token endpoint may take, in milliseconds.'),
  })
  .refine(({ grant, refreshToken }) => grant === 'refresh_token' || refreshToken === undefined, {
    path: ['refreshToken'],
    message: 'the grant client_credentials has no refresh token: remove one of the two',
  })
  .describe('Signs in by OAuth 2.0 and renews the tokens. Needs `secrets.key`.')
export type OAuthConfig = z.output<typeof oauthConfig>
