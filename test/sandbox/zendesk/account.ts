import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createZendesk, type Zendesk, type ZendeskOptions } from '../../../sandbox/zendesk/simulator.ts'

/** Noon of the day whose midnight ends the generated history. */
export const noon = Date.parse('2026-03-02T12:00:00Z')

const credentials = { token: 'bearer-of-nadia', apiToken: 'api-token' }

/** A running account, whose clock a test sets. Its client sends the owner's token, unless `headers` has another. */
export async function openAccount(options: Partial<ZendeskOptions> = {}) {
  let now = noon
  const zendesk = createZendesk({
    ...{ random: createRandom('zendesk'), until: Date.parse('2026-03-02T00:00:00Z'), count: 130, credentials },
    now: () => now,
    ...options,
  })
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(path.startsWith('http') ? path : server.origin + path, {
      method,
      headers: { authorization: 'Bearer bearer-of-nadia', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: toBody(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: toJson(text) }
  }
  return {
    ...{ zendesk: zendesk as Zendesk, server, origin: server.origin, call },
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    basic: (email: string, token = 'api-token') => ({ authorization: `Basic ${btoa(`${email}/token:${token}`)}` }),
    passes: (ms: number) => {
      now += ms
    },
    close: server.close,
  }
}

export type Account = Awaited<ReturnType<typeof openAccount>>

function toBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
}

// biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
function toJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
