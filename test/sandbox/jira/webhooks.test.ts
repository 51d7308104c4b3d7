import { createHmac } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { cloudId } from '../../../sandbox/jira/site.ts'
import type { JiraDelivery } from '../../../sandbox/jira/webhooks.ts'
import { dayMs, minuteMs } from '../../../sandbox/times.ts'
import { receiveWebhooks } from '../webhook-receiver.ts'
import { type JiraSite, openSite } from './site.ts'

let site: JiraSite
const opened: JiraSite[] = []
beforeEach(async () => {
  site = await openSite({ count: 20, webhook: { secret: 'hook-secret', sourceKey: 'jira-eu', jql: 'project = SUP' } })
  opened.push(site)
})
afterAll(() => Promise.all(opened.map(({ close }) => close())))

const due = () => site.jira.webhooks.due()
const namesOf = (deliveries: readonly JiraDelivery[]) => deliveries.map(({ body }) => JSON.parse(body).webhookEvent)

describe('webhooks of Jira in the sandbox', () => {
  it('sign the raw body with the secret, and carry an identifier', async () => {
    const { key } = await site.raise()
    const [delivery] = due()
    expect(delivery?.sourceKey).toBe('jira-eu')
    const expected = createHmac('sha256', 'hook-secret')
      .update(delivery?.body ?? '')
      .digest('hex')
    expect(delivery?.headers['x-hub-signature']).toBe(`sha256=${expected}`)
    expect(delivery?.headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f]{32}$/)
    expect(delivery?.headers['x-atlassian-webhook-flow']).toBe('Primary')
    const { timestamp, webhookEvent, issue } = JSON.parse(delivery?.body ?? '')
    expect([timestamp, webhookEvent, issue.key]).toEqual([Date.parse('2026-03-02T12:00:00Z'), 'jira:issue_created', key])
    expect(due()).toEqual([])
  })

  it('report changes with their items, comments as two events, and nothing of other projects', async () => {
    const { key } = await site.raise()
    due()
    await site.put(`/rest/api/3/issue/${key}/assignee`, { accountId: '5b10ac8d82e05b22cc7d4ef5' })
    const [assigned] = due().map(({ body }) => JSON.parse(body))
    expect(assigned.issue_event_type_name).toBe('issue_assigned')
    expect(assigned.user.displayName).toBe('Deskgraph Service')
    expect(assigned.changelog.items).toMatchObject([{ field: 'assignee', from: null, toString: 'Emma Lindqvist' }])
    await site.post(`/rest/servicedeskapi/request/${key}/comment`, { body: 'A *note*', public: false })
    const events = due().map(({ body }) => JSON.parse(body))
    expect(events.map(({ webhookEvent }) => webhookEvent)).toEqual(['comment_created', 'jira:issue_updated'])
    expect(events[0].comment).toMatchObject({ body: 'A *note*', jsdPublic: false })
    expect(events[0].issue.key).toBe(key)
    await site.put('/rest/api/3/issue/PAY-1', { fields: { summary: 'Other project' } })
    expect(due()).toEqual([])
  })

  it('try again up to five times, 5 to 15 minutes apart, with the same identifier', async () => {
    await site.raise()
    const [first] = due()
    let delivery = first!
    for (let attempt = 1; attempt <= 5; attempt++) {
      site.jira.webhooks.settle(delivery, attempt % 2 === 0 ? null : 503)
      site.passes(5 * minuteMs - 1)
      expect(due()).toEqual([])
      site.passes(10 * minuteMs + 1)
      const [again] = due()
      expect(again?.headers['x-atlassian-webhook-retry']).toBe(String(attempt))
      expect(again?.identifier).toBe(first?.identifier)
      expect(again?.body).toBe(first?.body)
      delivery = again!
    }
    site.jira.webhooks.settle(delivery, 503)
    site.passes(dayMs)
    expect([due(), site.jira.webhooks.failed.length]).toEqual([[], 1])
  })

  it('do not try again after an answer that says no', async () => {
    await site.raise()
    site.jira.webhooks.settle(due()[0]!, 401)
    site.passes(dayMs)
    expect(due()).toEqual([])
  })

  it('come twice and in another order where a test wants it', async () => {
    const { key } = await site.raise()
    due()
    site.jira.settings.repeatWebhooks = true
    site.jira.settings.shuffleWebhooks = true
    await site.post(`/rest/servicedeskapi/request/${key}/comment`, { body: 'Hello', public: true })
    const deliveries = due()
    expect(namesOf(deliveries)).toEqual(['jira:issue_updated', 'comment_created', 'jira:issue_updated', 'comment_created'])
    expect(new Set(deliveries.map(({ identifier }) => identifier)).size).toBe(2)
    expect(deliveries[0]?.headers['x-atlassian-webhook-flow']).toBe('Secondary')
    site.jira.settings.secondaryDelayMs = 15 * minuteMs
    await site.put(`/rest/api/3/issue/${key}`, { fields: { summary: 'Late' } })
    site.passes(15 * minuteMs - 1)
    expect(due()).toEqual([])
    site.passes(1)
    expect(due()).toHaveLength(2)
  })

  it('go to a gateway by themselves, and come again after a refusal', async () => {
    const receiver = await receiveWebhooks((index) => ({ status: index === 0 ? 503 : 200 }))
    const own = await openSite({ count: 5, now: Date.now, settings: { webhookRetryMs: [1, 2] } })
    own.jira.connect?.(receiver.url)
    const { key } = await own.raise()
    while (receiver.received.length === 0)
      await own.jira.sender.idle().then(() => new Promise((resolve) => setTimeout(resolve, 1)))
    await own.close()
    await receiver.close()
    expect(receiver.received.map(({ path }) => path)).toEqual(['/webhooks/jira'])
    expect(receiver.received[0]?.headers['x-atlassian-webhook-retry']).toBe('1')
    expect(JSON.parse(receiver.received[0]?.body ?? '').issue.key).toBe(key)
    expect(own.jira.changeOne(Date.now())).toEqual([])
  })

  it('say nothing of an issue that disappears silently', async () => {
    const { id } = await site.raise()
    due()
    site.jira.state.remove(Number(id), 'qm:a:b', true)
    expect(due()).toEqual([])
    await site.call('DELETE', '/rest/api/3/issue/SUP-1')
    expect(namesOf(due())).toEqual(['jira:issue_deleted'])
  })

  it('of apps are registered by OAuth, carry a token, and end after 30 days unless refreshed', async () => {
    const { body: tokens } = await site.post('/oauth/token', {
      ...{ grant_type: 'refresh_token', client_id: 'sandbox-jira-client', client_secret: 'sandbox-jira-client-secret' },
      refresh_token: 'sandbox-jira-refresh-token',
    })
    const api = `/ex/jira/${cloudId}/rest/api/3/webhook`
    const as = { authorization: `Bearer ${tokens.access_token}` }
    const hook = { events: ['comment_created'], jqlFilter: 'project = PAY' }
    const { body } = await site.post(api, { url: 'https://gateway.example/webhooks/jira', webhooks: [hook] }, as)
    const id = body.webhookRegistrationResult[0].createdWebhookId
    const say = () => site.post('/rest/servicedeskapi/request/PAY-1/comment', { body: 'Hello', public: true })
    await say()
    const [delivery] = due()
    expect([delivery?.sourceKey, JSON.parse(delivery?.body ?? '').matchedWebhookIds]).toEqual(['jira', [id]])
    const [head, payload, signature] = delivery?.headers.authorization?.replace('Bearer ', '').split('.') ?? []
    const expected = createHmac('sha256', 'sandbox-jira-client-secret').update(`${head}.${payload}`).digest('base64url')
    expect(signature).toBe(expected)
    expect(JSON.parse(Buffer.from(head ?? '', 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(delivery?.headers['x-hub-signature']).toBeUndefined()
    site.passes(30 * dayMs)
    await say()
    expect(due()).toEqual([])
    expect((await site.post('/rest/api/3/webhook', { url: 'https://x.example', webhooks: [hook] })).status).toBe(403)
  })

  it('follow every change that the site makes by itself', () => {
    const before = site.jira.state.all()
    const sent = Array.from({ length: 12 }, (_, step) =>
      site.jira.changeOne(Date.parse('2026-03-02T12:00:00Z') + step * 1000),
    ).flat()
    const changed = site.jira.state.all().filter((issue, index) => issue !== before[index] && issue.key.startsWith('SUP'))
    const reported = new Set(sent.map(({ body }) => JSON.parse(body).issue.key))
    expect(changed.length).toBeGreaterThan(0)
    expect([...reported].toSorted()).toEqual(changed.map(({ key }) => key).toSorted())
  })
})
