import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedLimits, generousLimits } from '../../../sandbox/jira/settings.ts'
import { basic, document, type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const issue = (key: string) => `/rest/api/3/issue/${key}`
const fieldsOf = async (key: string) => (await site.get(issue(key))).body.fields
const emma = '5b10ac8d82e05b22cc7d4ef5'

describe('edits of Jira issues in the sandbox', () => {
  it('answer 204 without a body, or the issue on request', async () => {
    const { key } = await site.raise()
    const edited = await site.put(issue(key), { fields: { summary: 'Locked out', priority: { name: 'High' }, labels: ['a'] } })
    expect([edited.status, edited.text]).toEqual([204, ''])
    const returned = await site.put(`${issue(key)}?returnIssue=true`, { update: { labels: [{ add: 'b' }, { remove: 'a' }] } })
    expect([returned.status, returned.body.fields.labels, returned.body.fields.summary]).toEqual([200, ['b'], 'Locked out'])
  })

  it('ignore the status without a word', async () => {
    const { key } = await site.raise()
    const { status } = await site.put(issue(key), { fields: { status: { name: 'Resolved' }, summary: 'Still open' } })
    const { summary, status: now } = await fieldsOf(key)
    expect([status, summary, now.name]).toEqual([204, 'Still open', 'Waiting for support'])
  })

  it('refuse all where one field is wrong, and name each wrong field', async () => {
    const { key } = await site.raise()
    const { status, body } = await site.put(issue(key), {
      fields: { summary: 'Not saved', colour: 'red', priority: { name: 'Urgent' }, description: 'plain', labels: ['two words'] },
    })
    expect(status).toBe(400)
    expect(body).toEqual({
      errorMessages: [],
      errors: {
        colour: "Field 'colour' cannot be set. It is not on the appropriate screen, or unknown.",
        priority: "Specify a valid 'id' or 'name' for Priority",
        description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
        labels: "The label 'two words' contains spaces which is invalid.",
      },
    })
    expect((await fieldsOf(key)).summary).toBe('I cannot log in')
  })

  it('refuse a field of another project’s screen, an empty edit, and a field in both parts', async () => {
    const { key } = await site.raise()
    const amount = await site.put(issue(key), { fields: { customfield_10053: 5 } })
    expect(amount.body.errors.customfield_10053).toContain('It is not on the appropriate screen')
    expect((await site.put(issue(key), {})).status).toBe(400)
    const both = await site.put(issue(key), { fields: { labels: [] }, update: { labels: [{ add: 'x' }] } })
    expect(both.body.errors.labels).toBe("Field 'labels' cannot appear in both 'fields' and 'update'")
  })

  it('write custom fields in the forms of their types, and print them in the account’s zone', async () => {
    const { key } = await site.raise()
    const { status } = await site.put(issue(key), {
      fields: {
        customfield_10050: 'ORD-7',
        customfield_10052: { value: 'TH' },
        customfield_10054: [{ value: 'App' }, { id: '100542' }],
        customfield_10055: '2026-03-03T09:00:00.000+0700',
        customfield_10056: { accountId: emma },
        duedate: '2026-03-31',
      },
    })
    expect(status).toBe(204)
    const fields = await fieldsOf(key)
    expect(fields.customfield_10050).toBe('ORD-7')
    expect(fields.customfield_10052).toMatchObject({ value: 'TH', id: '100522' })
    expect(fields.customfield_10054.map(({ value }: { value: string }) => value)).toEqual(['App', 'Payments'])
    expect(fields.customfield_10055).toBe('2026-03-02T18:00:00.000-0800')
    expect(fields.customfield_10056.displayName).toBe('Emma Lindqvist')
    expect(fields.duedate).toBe('2026-03-31')
  })

  it('are in the history, each value with its text', async () => {
    const { key } = await site.raise()
    await site.put(issue(key), { fields: { priority: { id: '1' }, customfield_10050: 'ORD-8' } })
    const { body } = await site.get(`${issue(key)}/changelog`)
    expect(body.total).toBe(1)
    expect(body.values[0].author.displayName).toBe('Deskgraph Service')
    expect(body.values[0].items).toEqual([
      {
        field: 'priority',
        fieldtype: 'jira',
        fieldId: 'priority',
        from: '3',
        fromString: 'Medium',
        to: '1',
        toString: 'Highest',
      },
      {
        ...{ field: 'Order number', fieldtype: 'custom', fieldId: 'customfield_10050', from: null, fromString: null },
        ...{ to: null, toString: 'ORD-8' },
      },
    ])
  })

  it('assign, give back, and refuse those who cannot be assigned', async () => {
    const { key, accountId } = await site.raise()
    expect((await site.put(`${issue(key)}/assignee`, { accountId: emma })).status).toBe(204)
    expect((await fieldsOf(key)).assignee.displayName).toBe('Emma Lindqvist')
    expect((await site.put(`${issue(key)}/assignee`, { accountId: null })).status).toBe(204)
    expect((await fieldsOf(key)).assignee).toBe(null)
    const refused = await site.put(`${issue(key)}/assignee`, { accountId })
    expect([refused.status, refused.body.errors.assignee]).toEqual([400, `User '${accountId}' cannot be assigned issues.`])
    const left = await site.put(`${issue(key)}/assignee`, { accountId: '5cf5a1d0c2b3e40d5a7b8c92' })
    expect(left.status).toBe(400)
  })

  it('answer 409 while another write is going on', async () => {
    const { key } = await site.raise()
    site.passes(60_000)
    site.jira.settings.conflictWindowMs = 1000
    expect((await site.put(issue(key), { fields: { summary: 'First' } })).status).toBe(204)
    expect((await site.put(issue(key), { fields: { summary: 'Second' } })).status).toBe(409)
    site.passes(1000)
    expect((await site.put(issue(key), { fields: { summary: 'Second' } })).status).toBe(204)
    site.jira.settings.conflictWindowMs = 0
  })

  it('of one issue are at most 20 in two seconds', async () => {
    const { key } = await site.raise()
    const other = await site.raise()
    site.jira.settings.limits = documentedLimits
    site.passes(60_000)
    for (let write = 1; write <= 20; write++)
      expect((await site.put(issue(key), { fields: { summary: `${write}` } })).status).toBe(204)
    const refused = await site.put(issue(key), { fields: { summary: '21' } })
    expect([refused.status, refused.headers.get('ratelimit-reason')]).toEqual([429, 'jira-per-issue-on-write'])
    expect(refused.headers.get('retry-after')).toBe('2')
    expect((await site.put(issue(other.key), { fields: { summary: 'x' } })).status).toBe(204)
    site.passes(2000)
    expect((await site.put(issue(key), { fields: { summary: '22' } })).status).toBe(204)
    site.jira.settings.limits = generousLimits
  })
})

describe('malformed calls to the Jira site', () => {
  const paragraph = { type: 'paragraph', content: null }
  it.each([
    ['/rest/api/3/issue/SUP-1/comment', { body: { type: 'doc', version: 1, content: [paragraph] } }],
    ['/rest/api/3/bulk/issues/move', { targetToSourcesMapping: { 'PAY,10020': null } }],
    ['/rest/api/3/search/jql', { jql: 'project in (' }],
    ['/rest/api/3/issue/bulkfetch', { issueIdsOrKeys: 'SUP-1' }],
    ['/rest/api/3/issue/SUP-1/transitions', { transition: 5 }],
    ['/rest/servicedeskapi/request', { serviceDeskId: 1, requestTypeId: 1, requestFieldValues: null }],
    ['/rest/servicedeskapi/request/SUP-1/comment', { body: 5, public: 'x' }],
  ])('to %s are refused', async (path, body) => {
    expect((await site.post(path, body)).status).toBe(400)
  })

  it('that are no JSON are refused', async () => {
    const headers = { ...basic('deskgraph@acme.example'), 'content-type': 'application/json' }
    const response = await fetch(`${site.origin}/rest/api/3/search/jql`, { method: 'POST', headers, body: '{"jql"' })
    const { errorMessages } = (await response.json()) as { errorMessages: string[] }
    expect([response.status, errorMessages]).toEqual([
      ...[400, ['There was an error parsing JSON. Check that your request body is valid.']],
    ])
  })
})

describe('transitions of Jira in the sandbox', () => {
  const transitions = async (key: string) => {
    const { body } = await site.get(`${issue(key)}/transitions?expand=transitions.fields`)
    return body.transitions as { id: string; name: string; to: { name: string }; fields: Record<string, { required: boolean }> }[]
  }
  const move = (key: string, id: string, fields?: object) =>
    site.post(`${issue(key)}/transitions`, { transition: { id }, ...(fields && { fields }) })

  it('depend on the workflow and the status', async () => {
    const { key } = await site.raise()
    expect((await transitions(key)).map(({ name }) => name)).toEqual([
      ...['Respond to customer', 'Escalate', 'Start work', 'Pending', 'Resolve', 'Cancel request'],
    ])
    const open = site.jira.state.all().find((one) => one.key.startsWith('PAY') && one.statusId === '10000')!
    expect((await transitions(open.key)).map(({ name }) => name)).toEqual(['Start review', 'Ask customer', 'Decline'])
    const refused = await move(open.key, '61')
    expect([refused.status, refused.body.errorMessages]).toEqual([400, ["Transition id '61' is not valid for this issue."]])
  })

  it('want the fields that their screens require', async () => {
    const { key } = await site.raise()
    const resolve = (await transitions(key)).find(({ name }) => name === 'Resolve')
    expect(resolve?.fields.resolution?.required).toBe(true)
    const missing = await move(key, '61')
    expect([missing.status, missing.body.errors]).toEqual([400, { resolution: 'Resolution is required.' }])
    expect((await move(key, '61', { resolution: { name: 'Done' } })).status).toBe(204)
    const { status, resolution, resolutiondate } = await fieldsOf(key)
    expect([status.name, status.statusCategory.key, resolution.name]).toEqual(['Resolved', 'done', 'Done'])
    expect(resolutiondate).toMatch(/^2026-03-02T04:/)
    expect((await move(key, '91')).status).toBe(204)
    expect((await fieldsOf(key)).resolution).toBe(null)
  })

  it('refuse a field that is not on the screen', async () => {
    const { key } = await site.raise()
    const { status, body } = await move(key, '11', { resolution: { name: 'Done' } })
    expect(status).toBe(400)
    expect(body.errors.resolution).toBe("Field 'resolution' cannot be set. It is not on the appropriate screen, or unknown.")
  })
})

describe('new issues and links of Jira in the sandbox', () => {
  it('answer with id, key and address, and are no requests', async () => {
    const created = await site.post('/rest/api/3/issue', {
      fields: { project: { key: 'SHOP' }, issuetype: { name: 'Bug' }, summary: 'Map is empty', description: document('Steps') },
    })
    expect(created.status).toBe(201)
    expect(Object.keys(created.body)).toEqual(['id', 'key', 'self'])
    expect((await site.get(`/rest/servicedeskapi/request/${created.body.key}`)).status).toBe(404)
    const refused = await site.post('/rest/api/3/issue', {
      fields: { project: { key: 'SHOP' }, issuetype: { name: 'Incident' } },
    })
    expect(refused.body.errors).toEqual({
      ...{ issuetype: 'Specify a valid issue type', summary: 'You must specify a summary of the issue.' },
    })
  })

  it('link once, and answer 201 to the same link again', async () => {
    const [one, other] = [await site.raise(), await site.raise()]
    const link = { type: { name: 'Duplicate' }, inwardIssue: { key: one.key }, outwardIssue: { key: other.key } }
    const answers = [await site.post('/rest/api/3/issueLink', link), await site.post('/rest/api/3/issueLink', link)]
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [201, ''],
      [201, ''],
    ])
    const { issuelinks } = await fieldsOf(one.key)
    expect(issuelinks).toHaveLength(1)
    expect(issuelinks[0]).toMatchObject({ type: { outward: 'duplicates' }, outwardIssue: { key: other.key } })
    expect(issuelinks[0].inwardIssue).toBeUndefined()
  })
})
