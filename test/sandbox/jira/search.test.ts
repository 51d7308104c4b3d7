import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const search = (body: object) => site.post('/rest/api/3/search/jql', body)
const keysOf = async (jql: string): Promise<string[]> => {
  const { body } = await search({ jql, fields: ['key'], maxResults: 1000 })
  return body.issues.map(({ key }: { key: string }) => key)
}

describe('the search of Jira in the sandbox', () => {
  it('refuses a query without a condition', async () => {
    const { status, body } = await search({ jql: 'ORDER BY updated DESC' })
    expect(status).toBe(400)
    expect(body).toEqual({
      errorMessages: ['Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'],
      errors: {},
    })
    expect((await search({ jql: '' })).status).toBe(400)
  })

  it('answers with ids alone where no fields are asked for', async () => {
    const { body } = await search({ jql: 'key = SUP-1' })
    expect(body).toEqual({ issues: [{ id: expect.stringMatching(/^\d+$/) }], isLast: true })
    expect((await search({ jql: 'key = SUP-1', fields: [] })).body).toEqual(body)
  })

  it('has no total and no offset: a page ends with a token, the last one without', async () => {
    const first = (await search({ jql: 'project in (SUP, PAY)', fields: ['key'] })).body
    expect(Object.keys(first)).toEqual(['issues', 'nextPageToken', 'isLast'])
    expect([first.issues.length, first.isLast]).toEqual([50, false])
    const keys = first.issues.map(({ key }: { key: string }) => key)
    let token = first.nextPageToken
    while (token) {
      const { body } = await search({ jql: 'project in (SUP, PAY)', fields: ['key'], nextPageToken: token })
      keys.push(...body.issues.map(({ key }: { key: string }) => key))
      token = body.nextPageToken
    }
    expect(keys).toHaveLength(160)
    expect(new Set(keys).size).toBe(160)
  })

  it('makes pages shorter than asked for, which are not the last ones', async () => {
    site.jira.settings.searchPageCap = 7
    const { body } = await search({ jql: 'project = SUP', maxResults: 100 })
    site.jira.settings.searchPageCap = 100
    expect([body.issues.length, body.isLast, typeof body.nextPageToken]).toEqual([7, false, 'string'])
  })

  it('refuses a token of another query, and one that is older than seven days', async () => {
    const { nextPageToken } = (await search({ jql: 'project = SUP', maxResults: 1 })).body
    expect((await search({ jql: 'project = PAY', nextPageToken })).status).toBe(400)
    site.passes(8 * 24 * 3_600_000)
    expect((await search({ jql: 'project = SUP', nextPageToken })).status).toBe(400)
    site.passes(-8 * 24 * 3_600_000)
  })

  it('counts, and has no older search', async () => {
    expect((await site.post('/rest/api/3/search/approximate-count', { jql: 'project in (SUP, PAY)' })).body).toEqual({
      count: 160,
    })
    expect((await site.get('/rest/api/3/search?jql=project=SUP')).status).toBe(410)
  })

  it('knows fields by their names, and says which one it does not know', async () => {
    const unknown = await search({ jql: 'colour = red' })
    expect(unknown.body.errorMessages).toEqual(["Field 'colour' does not exist or you do not have permission to view it."])
    const value = await search({ jql: 'status = Sleeping' })
    expect(value.body.errorMessages).toEqual(["The value 'Sleeping' does not exist for the field 'status'."])
    expect((await search({ jql: 'status == Open' })).status).toBe(400)
    const order = ['created', 'updated', 'key', 'priority', 'status', 'assignee', 'reporter', 'summary'].join(', ')
    expect((await search({ jql: `project = SUP ORDER BY ${order}` })).status).toBe(400)
  })

  it('divides the requests by status category, and by its negation', async () => {
    const [open, done, all] = [
      await keysOf('project = SUP AND statusCategory != Done'),
      await keysOf('project = SUP AND statusCategory = Done'),
      await keysOf('project = SUP'),
    ]
    expect(open.length + done.length).toBe(all.length)
    expect(done.length).toBeGreaterThan(5)
    expect((await keysOf('project = SUP AND NOT statusCategory = Done')).toSorted()).toEqual(open.toSorted())
  })

  it('leaves issues without a value out of a negative condition', async () => {
    const emma = '5b10ac8d82e05b22cc7d4ef5'
    const others = await keysOf(`project = SUP AND assignee != "${emma}"`)
    const hers = await keysOf(`project = SUP AND assignee = "${emma}"`)
    const unassigned = await keysOf('project = SUP AND assignee IS EMPTY')
    expect(unassigned.length).toBeGreaterThan(0)
    expect(others.length + hers.length + unassigned.length).toBe((await keysOf('project = SUP')).length)
  })

  it('orders dates and keys with the highest first, unless the query says', async () => {
    const keys = await keysOf('key in (SUP-2, SUP-10, SUP-1) ORDER BY key')
    expect(keys).toEqual(['SUP-10', 'SUP-2', 'SUP-1'])
    expect(await keysOf('key in (SUP-2, SUP-10, SUP-1) ORDER BY created ASC')).toEqual(['SUP-1', 'SUP-2', 'SUP-10'])
  })

  it('finds words in texts of every script', async () => {
    const { key } = site.jira.state.all().find(({ summary }) => summary.includes('重複扣款'))!
    expect(await keysOf('summary ~ "重複扣款"')).toContain(key)
    const late = await keysOf('text ~ "storniert"')
    expect(late.length).toBeGreaterThan(0)
    expect(await keysOf('summary ~ "storn*" AND summary !~ "nothing"')).toEqual([])
  })
})

describe('dates in JQL', () => {
  const at = (jql: string) => keysOf(`key = SUP-1 AND ${jql}`)
  /** SUP-1 changes at 10:44:51.887 in the account's zone, Pacific time. */
  const changed = Date.parse('2024-11-29T18:44:51.887Z')
  beforeAll(() => {
    const { id } = site.jira.state.find('SUP-1')!
    // A change never moves `updated` back, so the test sets it as the state's owner.
    site.jira.state.change(id, { created: changed }, { userId: 'qm:a:b' })
  })

  it('are minutes in the zone of the account', async () => {
    expect(await at('created >= "2024-11-29 10:44"')).toEqual(['SUP-1'])
    expect(await at('created >= "2024-11-29 10:45"')).toEqual([])
    expect(await at('created <= "2024/11/29 10:44"')).toEqual([])
    expect(await at('created >= "2024-11-29" AND created < "2024-11-30"')).toEqual(['SUP-1'])
  })

  it('may be milliseconds since 1970, which are exact', async () => {
    expect(await at('created >= 1732905891887')).toEqual(['SUP-1'])
    expect(await at('created >= 1732905891888')).toEqual([])
    expect(await at('created <= "1732905891887"')).toEqual(['SUP-1'])
  })

  it('have no seconds and no zone', async () => {
    const { status, body } = await search({ jql: 'created >= "2024-11-29T18:44:51Z"' })
    expect(status).toBe(400)
    expect(body.errorMessages[0]).toContain("Date value '2024-11-29T18:44:51Z' for field 'created' is invalid")
  })

  it('may be relative to now', async () => {
    const recent = await keysOf('project = SUP AND updated >= -3d')
    const older = await keysOf('project = SUP AND updated < -3d')
    expect(recent.length).toBeGreaterThan(0)
    expect(recent.length + older.length).toBe((await keysOf('project = SUP')).length)
    expect(await keysOf('key = SUP-1 AND created >= startOfDay()')).toEqual([])
  })
})
