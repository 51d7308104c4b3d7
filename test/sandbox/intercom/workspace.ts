import { createIntercom, type Intercom, type IntercomOptions } from '../../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createStory } from '../../../sandbox/story.ts'

/** Noon of the day whose midnight (UTC) ends the generated history. */
export const noon = Date.parse('2026-03-02T12:00:00Z')

const until = Date.parse('2026-03-02T00:00:00Z')
export const story = createStory(createRandom('story'), until)

/** A running workspace, whose clock a test sets. Its client sends the owner's token, unless `headers` has another. */
export async function openWorkspace(options: Partial<IntercomOptions> = {}) {
  let now = noon
  const intercom = createIntercom({
    ...{ random: createRandom('intercom'), until, count: 60, story },
    ...{ token: 'token-of-noor', readOnlyToken: 'token-of-the-auditor', now: () => now },
    ...options,
  })
  const server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(path.startsWith('http') ? path : server.origin + path, {
      method,
      headers: { authorization: 'Bearer token-of-noor', 'intercom-version': '2.14', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: toJson(text) }
  }
  const search = (field: string, operator: string, value: unknown, more: object = {}) =>
    call('POST', '/tickets/search', { query: { field, operator, value }, pagination: { per_page: 150 }, ...more })
  return {
    ...{ intercom: intercom as Intercom, server, origin: server.origin, call, search },
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    /** A new ticket of a type, by its id; the order number is what the types of customers want. */
    async create(typeId = '53', more: object = {}) {
      const attributes = typeId === '53' || typeId === '54' ? { 'Order number': 'abcd-1234' } : {}
      const { body } = await call('POST', '/tickets', {
        ...{ ticket_type_id: typeId, contacts: [{ email: 'maria@mail.example' }] },
        ticket_attributes: { _default_title_: 'Cold soup', _default_description_: 'It was cold.', ...attributes },
        ...more,
      })
      return body
    },
    passes: (ms: number) => {
      now += ms
    },
    close: server.close,
  }
}

export type Workspace = Awaited<ReturnType<typeof openWorkspace>>

// biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
function toJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
