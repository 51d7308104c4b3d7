import { groupBy } from '../group-by.ts'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { dayMs } from '../times.ts'
import { compileJql } from './jql.ts'
import { JqlError } from './jql-parse.ts'
import type { OAuthClient } from './oauth.ts'
import { isApp, platformPage, type RouteMaker, refusePlatform, type View } from './routing.ts'
import { serviceAccount } from './site.ts'
import type { JiraState } from './state.ts'
import { isSubscribed, type Subscription, toEvents, type WebhookEvent } from './webhook-events.ts'
import { createWebhookQueue, toDelivery, type WebhookProof, type WebhookQueue } from './webhooks.ts'

/** A webhook that an app registered by the API. It ends after 30 days unless the app refreshes it. */
interface AppWebhook extends Subscription {
  readonly id: number
  readonly url: string
  readonly expires: number
}

/** The webhook that an administrator made in the settings of the site. */
export interface AdminWebhook {
  readonly secret: string
  /** The last part of the receiver's path: the key of the source in the gateway. */
  readonly sourceKey: string
  /** Absent: all issues. */
  readonly jql?: string
}

export interface JiraWebhooks {
  readonly queue: WebhookQueue
  routes(route: RouteMaker): Route[]
  /** The address of the site in the bodies. */
  setOrigin(origin: string): void
}

const lifetimeMs = 30 * dayMs
const issueEvents = ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted']
const commentEvents = ['comment_created', 'comment_updated', 'comment_deleted']
const appEvents = [...issueEvents, ...commentEvents, 'issue_property_set', 'issue_property_deleted']

/** The webhooks of a site: those of its administrator and those of an app. They go to a queue that a sender empties. */
export function createJiraWebhooks(state: JiraState, admin: AdminWebhook | null, client: OAuthClient): JiraWebhooks {
  const queue = createWebhookQueue(state.settings, state.now)
  const registered = new Map<number, AppWebhook>()
  const appProof: WebhookProof = { kind: 'app', clientId: client.clientId, clientSecret: client.clientSecret }
  let origin = 'https://acme.atlassian.net'
  let sequence = 0
  let lastId = 1000

  const viewNow = (): View => ({ state, user: serviceAccount, zone: serviceAccount.timeZone, base: origin, origin })
  const deliver = (sourceKey: string, proof: WebhookProof, hookId: string, body: unknown) => {
    sequence += 1
    return toDelivery({ sourceKey, proof, hookId, sequence, now: state.now() }, JSON.stringify(body))
  }
  const toApps = (view: View, event: WebhookEvent) => {
    const matching = [...registered.values()].filter((hook) => hook.expires > state.now() && isSubscribed(view, hook, event))
    return [...groupBy(matching, ({ url }) => url)].map(([url, hooks]) => {
      const sourceKey = new URL(url).pathname.split('/').at(-1) ?? ''
      return deliver(sourceKey, appProof, url, { ...event.body, matchedWebhookIds: hooks.map(({ id }) => id) })
    })
  }
  state.onChange((change) => {
    const view = viewNow()
    const subscription = admin && { events: [...issueEvents, ...commentEvents], jql: admin.jql ?? '' }
    const deliveries = toEvents(view, change).flatMap((event) => [
      ...(subscription && isSubscribed(view, subscription, event)
        ? [deliver(admin!.sourceKey, { kind: 'secret', secret: admin!.secret }, 'admin', event.body)]
        : []),
      ...toApps(view, event),
    ])
    queue.add(deliveries)
  })

  const register = (view: View, request: SimulatorRequest): Reply => {
    requireApp(request)
    const { url, webhooks } = request.json()
    if (typeof url !== 'string' || !URL.canParse(url)) refusePlatform(400, 'The url is not valid.')
    if (!Array.isArray(webhooks) || webhooks.length === 0) refusePlatform(400, 'webhooks must not be empty.')
    const results = webhooks.map((given: Readonly<Record<string, unknown>> | null) => {
      const raw = given ?? {}
      const events = Array.isArray(raw.events) ? raw.events.map(String) : []
      const jql = typeof raw.jqlFilter === 'string' ? raw.jqlFilter : ''
      const errors = findErrors(view, events, jql)
      if (errors.length > 0) return { errors }
      lastId += 1
      registered.set(lastId, { id: lastId, url, events, jql, expires: state.now() + lifetimeMs })
      return { createdWebhookId: lastId }
    })
    return { status: 200, body: { webhookRegistrationResult: results } }
  }
  const refresh = (_: View, request: SimulatorRequest): Reply => {
    requireApp(request)
    const expires = state.now() + lifetimeMs
    for (const id of readIds(request)) {
      const hook = registered.get(id)
      if (hook) registered.set(id, { ...hook, expires })
    }
    return { status: 200, body: { expirationDate: expires } }
  }
  const remove = (_: View, request: SimulatorRequest): Reply => {
    requireApp(request)
    for (const id of readIds(request)) registered.delete(id)
    return { status: 202 }
  }
  const toWire = ({ id, url, jql, events, expires }: AppWebhook) => ({ id, url, jqlFilter: jql, events, expirationDate: expires })
  return {
    queue,
    routes: (route) => [
      route('POST', '/webhook', 'register-webhooks', register),
      route('GET', '/webhook', 'webhooks', (view, request) => {
        requireApp(request)
        return { status: 200, body: platformPage(view, request, [...registered.values()].map(toWire), 100, 100) }
      }),
      route('DELETE', '/webhook', 'remove-webhooks', remove),
      route('PUT', '/webhook/refresh', 'refresh-webhooks', refresh),
      route('GET', '/webhook/failed', 'failed-webhooks', (_, request) => {
        requireApp(request)
        const values = queue.failed.map(({ identifier, body, dueAt }) => ({ id: identifier, url: '', body, failureTime: dueAt }))
        return { status: 200, body: { maxResults: 100, values: values.slice(0, 100) } }
      }),
    ],
    setOrigin(address) {
      origin = address
    },
  }
}

/** Only apps register webhooks by the API: a call with an API token is refused. */
function requireApp(request: SimulatorRequest): void {
  if (!isApp(request)) refusePlatform(403, 'Access to this resource must be authenticated as an app.')
}

function readIds(request: SimulatorRequest): readonly number[] {
  const { webhookIds } = request.json()
  if (!Array.isArray(webhookIds) || webhookIds.length === 0) refusePlatform(400, 'webhookIds must not be empty.')
  return webhookIds.map(Number)
}

function findErrors({ state, user, zone }: View, events: readonly string[], jql: string): readonly string[] {
  const unknown = events.filter((event) => !appEvents.includes(event)).map((event) => `The event ${event} is not supported.`)
  if (events.length === 0) return ['At least one event is needed.']
  try {
    compileJql(jql, state, { now: state.now(), zone, accountId: user.accountId })
    return unknown
  } catch (error) {
    if (error instanceof JqlError) return [...unknown, error.message]
    throw error
  }
}
