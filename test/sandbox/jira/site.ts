import { createJira, type JiraOptions } from '../../../sandbox/jira/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'

/** Noon UTC of the day whose midnight ends the generated history; four in the morning in the account's zone. */
export const noon = Date.parse('2026-03-02T12:00:00Z')

/** The `Authorization` header of an account. */
export const basic = (email: string, token = 'classic-token') => ({ authorization: `Basic ${btoa(`${email}:${token}`)}` })

/** A document of one paragraph. */
export const document = (text: string) => ({
  ...{ type: 'doc', version: 1 },
  content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
})

/** A running site, whose clock a test sets. Its client is the service account, unless `headers` has another. */
export async function openSite(options: Partial<JiraOptions> = {}) {
  let now = noon
  let customers = 0
  const jira = createJira({
    ...{ random: createRandom('jira'), until: Date.parse('2026-03-02T00:00:00Z'), count: 160, token: 'classic-token' },
    now: () => now,
    ...options,
  })
  const server = await serveSimulator(jira, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(path.startsWith('http') ? path : server.origin + path, {
      ...{ method, redirect: 'manual' },
      headers: { ...basic('deskgraph@acme.example'), 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: toJson(text) }
  }
  return {
    ...{ jira, server, origin: server.origin, call },
    /** A new request of a new customer, who may sign in with the e-mail address: its key and the customer's header. */
    async raise(fields: Record<string, unknown> = {}) {
      customers += 1
      const email = `customer${customers}@example.com`
      const { body: customer } = await call('POST', '/rest/servicedeskapi/customer', { email, fullName: `Customer ${customers}` })
      const { body } = await call('POST', '/rest/servicedeskapi/request', {
        ...{ serviceDeskId: '1', requestTypeId: '3', raiseOnBehalfOf: customer.accountId },
        ...{ requestFieldValues: { summary: 'I cannot log in', ...fields } },
      })
      return {
        key: body.issueKey as string,
        id: body.issueId as string,
        accountId: customer.accountId as string,
        as: basic(email),
      }
    },
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    post: (path: string, body: unknown, headers?: Record<string, string>) => call('POST', path, body, headers),
    put: (path: string, body: unknown, headers?: Record<string, string>) => call('PUT', path, body, headers),
    passes: (ms: number) => {
      now += ms
    },
    close: server.close,
  }
}

export type JiraSite = Awaited<ReturnType<typeof openSite>>

// biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
function toJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
