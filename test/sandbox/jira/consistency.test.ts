import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const search = async (jql: string, reconcileIssues: number[] = []) => {
  const { body } = await site.post('/rest/api/3/search/jql', { jql, fields: ['summary'], reconcileIssues })
  return body.issues.map(({ fields }: { fields: { summary: string } }) => fields.summary)
}

describe('the search of Jira in the sandbox, behind its issues', () => {
  it('sees a change after the lag, and at once for the issues it is told to reconcile', async () => {
    const { key, id } = await site.raise()
    site.jira.settings.searchLagMs = 30_000
    site.passes(60_000)
    await site.put(`/rest/api/3/issue/${key}`, { fields: { summary: 'Changed' } })
    expect(await search(`key = ${key}`)).toEqual(['I cannot log in'])
    expect(await search(`key = ${key}`, [Number(id)])).toEqual(['Changed'])
    expect((await site.get(`/rest/api/3/issue/${key}`)).body.fields.summary).toBe('Changed')
    site.passes(29_999)
    expect(await search(`key = ${key}`)).toEqual(['I cannot log in'])
    site.passes(1)
    expect(await search(`key = ${key}`)).toEqual(['Changed'])
    site.jira.settings.searchLagMs = 0
  })

  it('does not find a new issue before the lag, and finds a removed one until then', async () => {
    site.jira.settings.searchLagMs = 30_000
    site.passes(60_000)
    const { key, id } = await site.raise()
    expect(await search(`project = SUP AND summary ~ "log" AND created >= ${site.jira.state.now()}`)).toEqual([])
    site.passes(30_000)
    expect(await search(`key = ${key}`)).toEqual(['I cannot log in'])
    site.jira.state.remove(Number(id), 'qm:a:b', true)
    expect((await site.get(`/rest/api/3/issue/${id}`)).status).toBe(404)
    expect(await search(`project = SUP AND summary ~ "log" AND created >= -2m`)).toContain('I cannot log in')
    site.passes(30_000)
    expect(await search(`project = SUP AND summary ~ "log" AND created >= -2m`)).toEqual([])
    site.jira.settings.searchLagMs = 0
  })

  it('shows a late change behind a newer one: a watermark at the newest would lose it', async () => {
    const [late, early] = [await site.raise(), await site.raise()]
    site.jira.settings.searchLagMs = 10_000
    site.passes(60_000)
    await site.put(`/rest/api/3/issue/${late.key}`, { fields: { summary: 'Late' } })
    site.passes(1)
    await site.put(`/rest/api/3/issue/${early.key}`, { fields: { summary: 'Early' } })
    const recent = `key in (${late.key}, ${early.key}) AND updated >= ${site.jira.state.now() - 1}`
    expect(await search(recent, [Number(early.id)])).toEqual(['Early'])
    site.passes(10_000)
    expect((await search(recent)).toSorted()).toEqual(['Early', 'Late'])
    site.jira.settings.searchLagMs = 0
  })

  it('takes at most 50 issues to reconcile', async () => {
    const reconcileIssues = Array.from({ length: 51 }, (_, index) => index + 1)
    expect((await site.post('/rest/api/3/search/jql', { jql: 'project = SUP', reconcileIssues })).status).toBe(400)
  })

  it('has at most 40 entries of the history, where the changelog has all', async () => {
    const { key } = await site.raise()
    for (let change = 1; change <= 45; change++) {
      await site.put(`/rest/api/3/issue/${key}`, { fields: { summary: `Change ${change}` } })
    }
    const { body } = await site.post('/rest/api/3/search/jql', { jql: `key = ${key}`, fields: ['summary'], expand: 'changelog' })
    expect([body.issues[0].changelog.histories.length, body.issues[0].changelog.total]).toEqual([40, 45])
    const all = await site.post('/rest/api/3/changelog/bulkfetch', { issueIdsOrKeys: [key] })
    expect(all.body.issueChangeLogs[0].changeHistories).toHaveLength(45)
  })
})

describe('issues of Jira in the sandbox that change their project', () => {
  const move = (key: string, target = 'PAY,10010') =>
    site.post('/rest/api/3/bulk/issues/move', { targetToSourcesMapping: { [target]: { issueIdsOrKeys: [key] } } })

  it('keep their id, get a new key, and answer to the old one without a redirection', async () => {
    const { key, id } = await site.raise()
    const { status, body } = await move(key)
    expect(status).toBe(201)
    expect((await site.get(`/rest/api/3/bulk/queue/${body.taskId}`)).body).toMatchObject({
      ...{ status: 'COMPLETE', progressPercent: 100, processedAccessibleIssues: [Number(id)] },
    })
    const old = await site.get(`/rest/api/3/issue/${key}`)
    expect([old.status, old.body.id]).toEqual([200, id])
    expect(old.body.key).toMatch(/^PAY-/)
    expect(old.body.fields.status.name).toBe('Open')
    expect((await site.get(`/rest/servicedeskapi/request/${key}`)).body.issueKey).toBe(old.body.key)
    const { items } = (await site.get(`/rest/api/3/issue/${id}/changelog`)).body.values.at(-1)
    expect(items.map(({ field, toString: to }: { field: string; toString: string }) => [field, to])).toEqual([
      ['project', 'Payments and Refunds'],
      ['Key', old.body.key],
      ['status', 'Open'],
    ])
  })

  it('are moved by a task, which takes its time', async () => {
    site.jira.settings.moveTaskMs = 5000
    const { key } = await site.raise()
    const { taskId } = (await move(key)).body
    expect((await site.get(`/rest/api/3/bulk/queue/${taskId}`)).body.status).toBe('RUNNING')
    expect((await site.get(`/rest/api/3/issue/${key}`)).body.key).toBe(key)
    site.passes(5000)
    expect((await site.get(`/rest/api/3/issue/${key}`)).body.key).toMatch(/^PAY-/)
    site.jira.settings.moveTaskMs = 0
    expect((await move('SUP-1', 'PAY,10020')).body.errors[0].message).toBe("The target 'PAY,10020' is not valid.")
  })
})
