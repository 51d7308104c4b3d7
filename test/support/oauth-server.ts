import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the token endpoint was asked, and how it answered. */
export interface Exchange {
  readonly form: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly status: number
}

export interface OAuthServerOptions {
  /** Seconds; null: the answer names none. */
  readonly expiresIn?: number | null
  /**
   * What becomes of a refresh token that was used: `deleted`, with its access token (Zendesk); accepted again for so many milliseconds
   * (Atlassian: 10 minutes), after which its use ends the whole sign-in; `kept`: it is not rotated (RFC 6749 §6 allows that).
   */
  readonly used?: 'deleted' | 'kept' | { readonly leewayMs: number }
}

export interface OAuthServer {
  readonly url: string
  readonly tokenUrl: string
  /** The refresh token of the sign-in. */
  readonly first: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly exchanges: readonly Exchange[]
  /** Every secret that the server has issued or knows. */
  readonly secrets: readonly string[]
  /** Status of each call of the API. */
  readonly calls: { readonly method: string; readonly path: string; readonly status: number; readonly body: string }[]
  /** Ends every access token, and with `all` the sign-in too. */
  revoke(what: 'access tokens' | 'all'): void
  /** A person signs in again: the new refresh token. */
  signIn(): string
  /** Decides what becomes of the next exchanges, after the endpoint has issued its tokens. Absent: they are answered. */
  onIssued: ((answer: () => void, req: IncomingMessage, res: ServerResponse) => void) | null
  /** Answers the token endpoint in place of the server, before any token is used. */
  onAsked: ((res: ServerResponse) => boolean) | null
}

interface Family {
  /** The refresh token that is valid now. */
  current: string
  used: Map<string, number>
  isOver: boolean
}

/**
 * An authorisation server and an API that accepts its access tokens, on loopback. RFC 6749 §4.4, §5 and §6; it shares nothing with the gateway.
 * `GET /thing` and `POST /thing` of the API answer 200, or 401 without a valid token. It stops at the end of the test.
 */
export async function startOAuthServer({ expiresIn = 3600, used = 'deleted' }: OAuthServerOptions = {}): Promise<OAuthServer> {
  const client = { id: `client-${random()}`, secret: `client+secret&${random()}` }
  const accessTokens = new Map<string, { readonly endsAt: number; readonly family: Family | null }>()
  const families: Family[] = []
  const exchanges: Exchange[] = []
  const secrets: string[] = [client.secret]
  const calls: OAuthServer['calls'] = []
  const remember = (text: string) => {
    secrets.push(text)
    return text
  }
  const signIn = () => {
    const family = { current: remember(`refresh-${random()}`), used: new Map(), isOver: false }
    families.push(family)
    return family.current
  }
  const first = signIn()

  const findFamily = (token: string): Family | null => {
    const family = families.find(({ current, used: old }) => current === token || old.has(token))
    if (!family || family.isOver) return null
    if (family.current === token) return family
    if (typeof used === 'string') return null
    if (Date.now() - family.used.get(token)! <= used.leewayMs) return family
    family.isOver = true
    return null
  }

  function exchange(form: Record<string, string>, authorization: string | undefined): { status: number; body: object } {
    const basic = authorization?.startsWith('Basic ') ? Buffer.from(authorization.slice(6), 'base64').toString() : null
    const [id, secret] =
      basic === null
        ? [form.client_id, form.client_secret]
        : basic.split(':').map((part) => new URLSearchParams(`x=${part}`).get('x') ?? '')
    if (id !== client.id || secret !== client.secret) return { status: 401, body: { error: 'invalid_client' } }
    if (form.grant_type === 'client_credentials') return { status: 200, body: issue(null) }
    if (form.grant_type !== 'refresh_token') return { status: 400, body: { error: 'unsupported_grant_type' } }
    const family = findFamily(form.refresh_token ?? '')
    // The description repeats the token, as careless servers do.
    if (!family) return { status: 400, body: { error: 'invalid_grant', error_description: `${form.refresh_token} is not valid` } }
    if (used !== 'kept') {
      family.used.set(family.current, Date.now())
      family.current = remember(`refresh-${random()}`)
    }
    if (used === 'deleted')
      for (const [token, { family: owner }] of accessTokens) if (owner === family) accessTokens.delete(token)
    return { status: 200, body: { ...issue(family), ...(used !== 'kept' && { refresh_token: family.current }) } }
  }

  function issue(family: Family | null) {
    const token = remember(`access-${random()}`)
    accessTokens.set(token, { endsAt: Date.now() + (expiresIn ?? 1e9) * 1000, family })
    return { access_token: token, token_type: 'bearer', ...(expiresIn !== null && { expires_in: expiresIn }) }
  }

  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const json = (status: number, body: object) =>
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      const path = req.url ?? ''
      if (path === '/oauth/tokens' && req.method !== 'POST') {
        calls.push({ method: req.method ?? '', path, status: 405, body: text })
        json(405, { error: 'invalid_request' })
        return
      }
      if (path === '/oauth/tokens') {
        if (self.onAsked?.(res)) return
        const form = Object.fromEntries(new URLSearchParams(text))
        const { status, body } = exchange(form, req.headers.authorization)
        exchanges.push({ form, authorization: req.headers.authorization, status })
        if (status === 200 && self.onIssued) self.onIssued(() => json(status, body), req, res)
        else json(status, body)
        return
      }
      const token = accessTokens.get(req.headers.authorization?.replace(/^Bearer /, '') ?? '')
      const isValid = token !== undefined && token.endsAt > Date.now() && token.family?.isOver !== true
      calls.push({ method: req.method ?? '', path, status: isValid ? 200 : 401, body: text })
      if (isValid) json(200, { id: 'thing' })
      else json(401, { error: 'invalid_token', error_description: `${req.headers.authorization} is not valid` })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const self: OAuthServer = {
    ...{ url, tokenUrl: `${url}/oauth/tokens`, first, client, exchanges, secrets, calls, signIn },
    revoke(what) {
      accessTokens.clear()
      if (what === 'all') for (const family of families) family.isOver = true
    },
    onIssued: null,
    onAsked: null,
  }
  return self
}

const random = () => randomBytes(12).toString('hex')
