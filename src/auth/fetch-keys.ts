import type { JSONWebKeySet } from 'jose'
import { type Dispatcher, request } from 'undici'
import { z } from 'zod'

const maxBytes = 262_144
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** Reads the issuer's key set: one GET, no redirects, at most 256 KiB and `timeoutMs`. Rejects for anything but a key set. */
export async function fetchKeys(url: string, timeoutMs: number, dispatcher: Dispatcher): Promise<JSONWebKeySet> {
  const answer = await request(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal: AbortSignal.timeout(timeoutMs),
    dispatcher,
  })
  if (answer.statusCode !== 200) {
    await answer.body.dump({ limit: maxBytes })
    throw new Error(`the key set answered ${answer.statusCode}`)
  }
  return keySet.parse(JSON.parse(await readLimited(answer.body))) as JSONWebKeySet
}

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('the key set is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
