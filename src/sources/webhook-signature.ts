import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { sharedSecret } from '../domain/config-values.ts'
import { equalSecrets, type WebhookRequest } from './webhook-handler.ts'

// The formulas by which desks sign their webhooks. Each compares in constant time and accepts any of the given secrets, so that a secret
// can be changed while both are in use. A header that comes twice counts as missing.

/** For the configuration: one secret, or the new and the old one while it is changed. */
export const webhookSecrets = z
  .union([sharedSecret, z.array(sharedSecret).min(1).max(2)])
  .transform((given): readonly string[] => [given].flat())

/** An HMAC over the raw body, as `method=hex` in a header: `X-Hub-Signature: sha256=…` (Jira), `sha1=…` (Intercom). */
export function hasHubSignature(
  { rawBody, headers }: WebhookRequest,
  { header = 'x-hub-signature', methods }: { readonly header?: string; readonly methods: readonly ('sha1' | 'sha256')[] },
  secrets: readonly string[],
): boolean {
  const [, name, hex] = /^([a-z0-9]+)=([0-9a-f]+)$/i.exec(textOf(headers[header])) ?? []
  const method = methods.find((one) => one === name?.toLowerCase())
  if (!method || hex === undefined) return false
  const given = hex.toLowerCase()
  return isAny(secrets, (secret) => equalSecrets(given, createHmac(method, secret).update(rawBody).digest('hex')))
}

/** base64(HMAC-SHA256(secret, timestamp + raw body)), with signature and timestamp in headers of their own (Zendesk). */
export function hasTimestampedSignature(
  { rawBody, headers }: WebhookRequest,
  names: { readonly signature: string; readonly timestamp: string },
  secrets: readonly string[],
): boolean {
  const [given, timestamp] = [textOf(headers[names.signature]), textOf(headers[names.timestamp])]
  if (given === '' || timestamp === '') return false
  return isAny(secrets, (secret) => {
    const expected = createHmac('sha256', secret).update(timestamp).update(rawBody).digest('base64')
    return equalSecrets(given, expected)
  })
}

/** Seconds by which the sender's clock may differ. */
const clockSkewSeconds = 30
const bearer = /^(?:bearer|jwt) +([\w-]+)\.([\w-]+)\.([\w-]+) *$/i

/**
 * A JWT that is signed with HS256 by the client secret, in `Authorization` after `Bearer` or `JWT` (webhooks of Jira that an app
 * registered). It says who sends and until when. It does not cover the body. `nowMs`: milliseconds since 1970.
 */
export function hasSignedToken({ headers }: WebhookRequest, secrets: readonly string[], nowMs: number): boolean {
  const [, head, claims, signature] = bearer.exec(textOf(headers.authorization)) ?? []
  if (head === undefined || claims === undefined || signature === undefined) return false
  if (readPart(head)?.alg !== 'HS256') return false
  const isSigned = isAny(secrets, (secret) =>
    equalSecrets(signature, createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url')),
  )
  const { exp, nbf = 0 } = (isSigned && readPart(claims)) || {}
  const seconds = nowMs / 1000
  const isInTime = (from: unknown, to: unknown) =>
    typeof from === 'number' && typeof to === 'number' && from - clockSkewSeconds <= seconds && seconds <= to + clockSkewSeconds
  return isInTime(nbf, exp)
}

/** A secret that the sender shows as it is: in a header of its own, or as the password of `Authorization: Basic` (Freshdesk). */
export function hasSharedSecret(
  { headers }: WebhookRequest,
  place: { readonly header: string } | { readonly basicUser: string },
  secrets: readonly string[],
): boolean {
  if ('header' in place) {
    const given = textOf(headers[place.header])
    return given !== '' && isAny(secrets, (secret) => equalSecrets(given, secret))
  }
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(textOf(headers.authorization)) ?? []
  if (encoded === undefined) return false
  const given = Buffer.from(encoded, 'base64')
  return isAny(secrets, (secret) => equalSecrets(given, `${place.basicUser}:${secret}`))
}

/** Compares with every secret, so that the time does not tell which one it was. */
function isAny(secrets: readonly string[], matches: (secret: string) => boolean): boolean {
  return secrets.map(matches).includes(true)
}

/** Empty for a header that is missing or came twice. */
function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The JSON object of a part of a JWT; undefined for anything else. */
function readPart(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
