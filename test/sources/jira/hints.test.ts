import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { createHintHandler } from '../../../src/sources/jira/hints.ts'
import { jiraPlugin } from '../../../src/sources/jira/index.ts'

const secret = 'the-secret-of-the-webhook'
const clientSecret = 'the-secret-of-the-client'
const nowMs = Date.UTC(2026, 0, 1)
const info = jiraPlugin.toInfo('jira', jiraConfig.parse({ url: 'https://acme.atlassian.net', token: 'x' }))
const handler = createHintHandler(info, { secrets: [secret], clientSecrets: [clientSecret], clock: () => nowMs })

const requestOf = (body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  ...{ rawBody: Buffer.from(JSON.stringify(body)), contentType: 'application/json', query: {} },
  headers,
})
const sign = (body: unknown, by = secret) => createHmac('sha256', by).update(JSON.stringify(body)).digest('hex')
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
function tokenOf(claims: object, by = clientSecret, alg = 'HS256') {
  const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`
  return `Bearer ${text}.${createHmac('sha256', by).update(text).digest('base64url')}`
}

const event = {
  ...{ timestamp: 1_767_225_600_000, webhookEvent: 'jira:issue_updated', issue_event_type_name: 'issue_generic' },
  issue: { id: '10001', key: 'DESK-1', fields: { summary: 'Not believed' } },
}

describe('JIRA-17: a webhook of Jira', () => {
  it('is verified by its signature over the raw body, whose method is in front of it', () => {
    const isAuthentic = (signature: string) => handler.authorise(requestOf(event, { 'x-hub-signature': signature }))
    expect([isAuthentic(`sha256=${sign(event)}`), isAuthentic(`SHA256=${sign(event).toUpperCase()}`)]).toEqual([true, true])
    const wrong = [
      sign(event),
      `sha256=${sign(event, 'other')}`,
      `sha1=${sign(event)}`,
      `md5=${sign(event)}`,
      `sha256=${sign({ ...event, timestamp: 1 })}`,
      '',
    ]
    expect(wrong.map(isAuthentic)).toEqual(wrong.map(() => false))
    expect(handler.authorise(requestOf(event))).toBe(false)
  })

  it('of an app is verified by its token, until it ends', () => {
    const isAuthentic = (authorization: string) => handler.authorise(requestOf(event, { authorization }))
    const [iat, exp] = [nowMs / 1000 - 60, nowMs / 1000 + 60]
    expect(isAuthentic(tokenOf({ iss: 'app', iat, exp }))).toBe(true)
    const wrong = [
      tokenOf({ iat, exp: iat - 600 }),
      tokenOf({ iat, exp }, 'other'),
      tokenOf({ iat, exp }, clientSecret, 'none'),
      tokenOf({ iat, exp }, secret),
      tokenOf({ iat }),
    ]
    expect(wrong.map(isAuthentic)).toEqual(wrong.map(() => false))
  })

  it('names its issue, and its delivery by the identifier that its retries repeat', () => {
    const headers = {
      'x-atlassian-webhook-identifier': '2f64ec3e-9ccf-4b9b-a86a-3ba4f5d15b4f',
      'x-atlassian-webhook-flow': 'Secondary',
    }
    const deliveryId = headers['x-atlassian-webhook-identifier']
    expect(handler.read(requestOf(event, headers))).toEqual({ deliveryId, ticketIds: ['10001'], removed: false })
    const of = (changes: object) => handler.read(requestOf({ ...event, ...changes }))
    expect(of({ webhookEvent: 'jira:issue_deleted' })).toEqual({ deliveryId: null, ticketIds: ['10001'], removed: true })
    expect(of({ webhookEvent: 'comment_created', issue: { id: '10002' }, comment: { id: '7', body: 'A note' } })).toMatchObject({
      ticketIds: ['10002'],
    })
    expect(
      of({ webhookEvent: 'issuelink_created', issue: undefined, issueLink: { sourceIssueId: 10003, destinationIssueId: 10004 } }),
    ).toMatchObject({ ticketIds: ['10003', '10004'] })
    for (const webhookEvent of ['project_updated', 'worklog_comment_created', undefined])
      expect(of({ webhookEvent })).toEqual({ deliveryId: null, ticketIds: [], removed: false })
  })

  it('is unreadable where it names no issue', () => {
    for (const body of [
      [],
      'text',
      { webhookEvent: 'jira:issue_updated' },
      { webhookEvent: 'comment_created', issue: { id: '../x' } },
    ]) {
      expect(() => handler.read(requestOf(body))).toThrow(/the body/)
    }
  })
})
