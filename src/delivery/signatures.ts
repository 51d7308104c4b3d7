import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

const prefix = 'whsec_'

/** The key of a secret: base64 behind "whsec_", else its UTF-8 bytes. null: what follows "whsec_" is not base64. */
export function toKeyBytes(secret: string): Buffer | null {
  if (!secret.startsWith(prefix)) return Buffer.from(secret, 'utf8')
  const text = secret.slice(prefix.length)
  return /^(?:[A-Za-z0-9+/]{4})+$|^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2,3}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}

/**
 * The headers that prove a delivery is ours: Standard Webhooks (a `v1` signature per secret, so that a partner can change
 * its secret without losing one) and RBI's `x-signature`, hex HMAC-SHA256 over the raw body by the first secret.
 */
export function toSignatureHeaders(
  secrets: readonly string[],
  webhookId: string,
  sentAt: Date,
  body: string,
): Record<string, string> {
  const keys = secrets.flatMap((secret) => toKeyBytes(secret) ?? [])
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': keys.map((key) => new Webhook(key.toString('base64')).sign(webhookId, sentAt, body)).join(' '),
    'x-signature': createHmac('sha256', keys[0] ?? '')
      .update(body)
      .digest('hex'),
  }
}
