import { expect } from 'vitest'
import { createFreshdesk, type Freshdesk, type FreshdeskOptions } from '../../../sandbox/freshdesk/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'

/** Noon of the day whose midnight ends the generated history. */
export const noon = Date.parse('2026-03-02T12:00:00Z')

/** The headers of an API key: the key is the name, and any text the password. */
export const keyHeader = (key: string) => ({ authorization: `Basic ${btoa(`${key}:X`)}` })

/** What a new ticket needs. */
export const ask = { email: 'ada@example.com', name: 'Ada Byron', subject: 'The engine', description: 'It does not <b>add</b>.' }

/** A form with files, as browsers send it. */
export function formOf(
  values: Record<string, string>,
  files: readonly (readonly [name: string, bytes: string | Buffer<ArrayBuffer>])[] = [],
): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.append(name, value)
  for (const [name, bytes] of files) form.append('attachments[]', new Blob([bytes], { type: 'text/plain' }), name)
  return form
}

/** A running account, whose clock a test sets. Its client sends the administrator's key, unless `headers` has another. */
export async function openAccount(options: Partial<FreshdeskOptions> = {}) {
  let now = noon
  const freshdesk = createFreshdesk({
    ...{ random: createRandom('freshdesk'), until: Date.parse('2026-03-02T00:00:00Z'), count: 140, apiKey: 'key-of-meera' },
    now: () => now,
    ...options,
  })
  const server = await serveSimulator(freshdesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isForm = body instanceof FormData
    const response = await fetch(path.startsWith('http') ? path : `${server.origin}/api/v2${path}`, {
      method,
      headers: { ...keyHeader('key-of-meera'), ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: toJson(text) }
  }
  const get = (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers)
  return {
    ...{ freshdesk: freshdesk as Freshdesk, server, origin: server.origin, call, get },
    /** A new ticket, with what the test wants of it. */
    async open(more: Record<string, unknown> = {}) {
      const { status, body } = await call('POST', '/tickets', { ...ask, ...more })
      expect(status).toBe(201)
      return body
    },
    /** The status and the faults of a refused call. */
    async errorsOf(method: string, path: string, body: unknown) {
      const answer = await call(method, path, body)
      return { status: answer.status, errors: answer.body?.errors }
    },
    /** Every record of a list, page after page by the header `link`. */
    async all(path: string) {
      const records = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const { body, headers } = await get(next)
        records.push(...body)
        next = /^<([^>]+)>;rel="next"$/.exec(headers.get('link') ?? '')?.[1]
      }
      return records
    },
    passes: (ms: number) => {
      now += ms
    },
    close: server.close,
  }
}

export type Account = Awaited<ReturnType<typeof openAccount>>

// biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
function toJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
