import { createHash } from 'node:crypto'
import type { Route } from '../simulator.ts'
import { toIsoSeconds } from '../times.ts'
import { asObject, type Call, type Endpoints } from './endpoint.ts'
import { noRecord, refused } from './errors.ts'
import type { ZendeskState } from './state.ts'
import { toEvents } from './webhook-events.ts'
import type { WebhookSender } from './webhook-sender.ts'

/** A subscription to events. */
interface Webhook {
  readonly id: string
  readonly name: string
  readonly endpoint: string
  readonly subscriptions: readonly string[]
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  readonly createdAt: number
}

export interface Webhooks {
  routes(endpoints: Endpoints): Route[]
  /** Subscribes an address to everything about tickets, as an administrator does it. A secret may be chosen. */
  subscribe(endpoint: string, secret?: string): { readonly id: string; readonly secret: string }
}

/** The subscriptions of the account. Each change of a ticket goes to all that want its events. */
export function createWebhooks(state: ZendeskState, sender: WebhookSender): Webhooks {
  const webhooks = new Map<string, Webhook>()
  let events = 0
  let made = 0
  state.onChange((change) => {
    if (webhooks.size === 0) return
    const all = toEvents(state, change, () => `01J${String(++events).padStart(23, '0')}`)
    for (const { id, endpoint, secret, headers, subscriptions } of webhooks.values()) {
      const wanted = all.filter(({ type }) => subscriptions.includes(type) || subscriptions.includes('zen:event-type:ticket.*'))
      if (wanted.length > 0) sender.send({ id, url: endpoint, secret, headers }, wanted)
    }
  })
  const add = (webhook: Omit<Webhook, 'id' | 'createdAt'>): Webhook => {
    const added = { ...webhook, id: `01WEBHOOK${++made}`, createdAt: state.now() }
    webhooks.set(added.id, added)
    return added
  }
  const newSecret = () => createHash('sha256').update(`webhook ${made} ${state.now()}`).digest('base64')
  const found = (handle: (webhook: Webhook) => unknown) => (call: Call) => {
    const webhook = webhooks.get(call.params[0] ?? '')
    return webhook ? { status: 200, body: handle(webhook) } : noRecord
  }
  return {
    subscribe(endpoint, secret = newSecret()) {
      const { id } = add({ name: 'Tickets', endpoint, secret, subscriptions: ['zen:event-type:ticket.*'], headers: {} })
      return { id, secret }
    },
    routes: (endpoints) => [
      endpoints.on(
        'GET',
        '/webhooks',
        'webhooks',
        () => ({ status: 200, body: { webhooks: [...webhooks.values()].map(print) } }),
        admins,
      ),
      endpoints.on(
        'POST',
        '/webhooks',
        'webhooks',
        (call) => {
          const {
            name,
            endpoint,
            subscriptions,
            http_method: method,
            request_format: format,
            authentication,
          } = asObject(call.body().webhook)
          const types = Array.isArray(subscriptions) ? subscriptions.map(String) : []
          if (typeof name !== 'string' || typeof endpoint !== 'string' || types.length === 0) {
            return refused(400, 'BadRequest', 'name, endpoint and subscriptions are needed')
          }
          if (method !== 'POST' || format !== 'json')
            return refused(400, 'BadRequest', 'Event subscriptions are sent by POST in JSON')
          const headers = readAuthentication(authentication)
          return {
            status: 201,
            body: { webhook: print(add({ name, endpoint, subscriptions: types, secret: newSecret(), headers })) },
          }
        },
        admins,
      ),
      endpoints.on(
        'GET',
        '/webhooks/:text',
        'webhooks',
        found((webhook) => ({ webhook: print(webhook) })),
        admins,
      ),
      endpoints.on(
        'DELETE',
        '/webhooks/:text',
        'webhooks',
        (call) => (webhooks.delete(call.params[0] ?? '') ? { status: 204 } : noRecord),
        admins,
      ),
      endpoints.on(
        'GET',
        '/webhooks/:text/signing_secret',
        'webhooks',
        found(({ secret }) => ({ signing_secret: { algorithm: 'SHA256', secret } })),
        admins,
      ),
    ],
  }
}

const admins = { for: 'admins' } as const

function print({ id, name, endpoint, subscriptions, createdAt }: Webhook) {
  const at = toIsoSeconds(createdAt)
  return {
    ...{ id, name, endpoint, subscriptions, status: 'active', http_method: 'POST', request_format: 'json' },
    created_at: at,
    updated_at: at,
  }
}

/** `bearer_token` and `basic_auth`, as a header of every request. */
function readAuthentication(sent: unknown): Readonly<Record<string, string>> {
  const { type, data } = asObject(sent)
  const { token, username, password } = asObject(data)
  if (type === 'bearer_token') return { authorization: `Bearer ${token}` }
  if (type === 'basic_auth') return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  return {}
}
