import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '../../../sandbox/times.ts'
import { storyOf } from '../one-customer.ts'
import { document, type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite({ story: storyOf('Wei Ling', 'Tan', 'wei.ling@example.com', 'sdw-srr') })
})
afterAll(() => site.close())

const desk = '/rest/servicedeskapi'
const request = (key: string, part = '') => `${desk}/request/${key}${part}`

describe('requests of Jira service management in the sandbox', () => {
  it('are made of the fields of a request type, for a customer', async () => {
    const { status, body } = await site.post(`${desk}/request`, {
      ...{ serviceDeskId: '2', requestTypeId: '5', raiseOnBehalfOf: 'wei.ling@example.com', channel: 'email' },
      requestFieldValues: {
        ...{ summary: 'Refund please', description: 'Half was *missing*', customfield_10050: 'sdw-srr', customfield_10053: 12.5 },
        customfield_10052: { value: 'SG' },
      },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...{ requestTypeId: '5', serviceDeskId: '2', summary: 'Refund please', reporter: { displayName: 'Wei Ling Tan' } },
      currentStatus: { status: 'We have received your request', statusCategory: 'NEW' },
    })
    expect(body.issueKey).toMatch(/^PAY-\d+$/)
    const { fields } = (await site.get(`/rest/api/3/issue/${body.issueId}`)).body
    expect([fields.status.name, fields.customfield_10053, fields.customfield_10015]).toEqual(['Open', 12.5, 'email'])
    expect(fields.customfield_10010.requestType.name).toBe('Request a refund')
    expect(fields.description.content[0].content[1]).toEqual({ type: 'text', text: 'missing', marks: [{ type: 'strong' }] })
  })

  it('are refused with all that is wrong', async () => {
    const { status, body } = await site.post(`${desk}/request`, {
      ...{ serviceDeskId: '2', requestTypeId: '5', requestFieldValues: { summary: 'x', customfield_10051: { value: 'Minor' } } },
    })
    expect(status).toBe(400)
    expect(body.errorMessage).toContain("Field 'customfield_10051' is not part of the request type.")
    expect(body.errorMessage).toContain('Order number is required.')
    expect(body.i18nErrorMessage.parameters).toEqual([])
    const otherDesk = await site.post(`${desk}/request`, { serviceDeskId: '1', requestTypeId: '5', requestFieldValues: {} })
    expect(otherDesk.status).toBe(400)
  })

  it('are listed for their own customer only, and never to an agent who has none', async () => {
    const { key, as } = await site.raise()
    expect((await site.get(`${desk}/request`)).body.values).toEqual([])
    expect((await site.get(`${desk}/request`, as)).body.values.map((one: { issueKey: string }) => one.issueKey)).toEqual([key])
  })

  it('show the portal’s status and not the workflow’s', async () => {
    const { key, as } = await site.raise()
    await site.post(`/rest/api/3/issue/${key}/transitions`, { transition: { id: '31' } })
    const { currentStatus } = (await site.get(request(key), as)).body
    expect([currentStatus.status, currentStatus.statusCategory]).toEqual(['In progress', 'INDETERMINATE'])
    expect((await site.get(`/rest/api/3/issue/${key}?fields=status`)).body.fields.status.name).toBe('Escalated')
    const { values } = (await site.get(request(key, '/status'), as)).body
    expect(values.map(({ status }: { status: string }) => status)).toEqual(['In progress', 'Waiting for us'])
  })

  it('have customers whose ids begin with qm, some without an e-mail address', async () => {
    const customers = [...site.jira.state.users.values()].filter(({ accountType }) => accountType === 'customer')
    expect(customers.every(({ accountId }) => accountId.startsWith('qm:'))).toBe(true)
    const hidden = customers.find(({ showsEmail }) => !showsEmail)!
    const { body } = await site.get(`/rest/api/3/user?accountId=${encodeURIComponent(hidden.accountId)}`)
    expect([body.displayName, 'emailAddress' in body]).toEqual([hidden.displayName, false])
    // The customer of another desk of the sandbox writes here too.
    const shared = customers.find(({ displayName }) => displayName === 'Wei Ling Tan')!
    const own = site.jira.state.all().filter(({ reporterId }) => reporterId === shared.accountId)
    expect(own.length).toBeGreaterThan(3)
    expect(own.some(({ custom }) => custom.customfield_10050 === 'sdw-srr')).toBe(true)
  })

  it('take participants, who see the request', async () => {
    const [{ key }, friend] = [await site.raise(), await site.raise()]
    expect((await site.get(request(key), friend.as)).status).toBe(404)
    const added = await site.post(request(key, '/participant'), { accountIds: [friend.accountId] })
    expect(added.body.values.map(({ accountId }: { accountId: string }) => accountId)).toEqual([friend.accountId])
    expect((await site.get(request(key), friend.as)).status).toBe(200)
  })

  it('are rated by their reporter, from 1 to 5', async () => {
    const { key, as } = await site.raise()
    expect((await site.get(request(key, '/feedback'))).status).toBe(404)
    expect((await site.post(request(key, '/feedback'), { type: 'csat', rating: 6 }, as)).status).toBe(400)
    expect((await site.post(request(key, '/feedback'), { type: 'csat', rating: 4 })).status).toBe(403)
    const rated = await site.post(request(key, '/feedback'), { type: 'csat', rating: 4, comment: { body: 'Quick' } }, as)
    expect([rated.status, rated.body]).toEqual([201, { type: 'csat', rating: 4, comment: { body: 'Quick' } }])
    expect((await site.get(`/rest/api/3/issue/${key}`)).body.fields.customfield_10013).toEqual({ rating: 4 })
  })

  it('wait in queues, whose pages hold the queue’s columns', async () => {
    const { values } = (await site.get(`${desk}/servicedesk/1/queue?includeCount=true`)).body
    const open = values.find(({ name }: { name: string }) => name === 'All open')
    expect(open.jql).toBe('project = SUP AND statusCategory != Done ORDER BY "Time to resolution" ASC')
    const page = (await site.get(`${desk}/servicedesk/1/queue/${open.id}/issue?limit=1`)).body
    expect([page.size, page.isLastPage]).toEqual([1, open.issueCount === 1])
    const { fields } = page.values[0]
    expect('description' in fields || 'comment' in fields).toBe(false)
    expect(fields.status.statusCategory.key).not.toBe('done')
    const customer = await site.raise()
    expect((await site.get(`${desk}/servicedesk/1/queue`, customer.as)).status).toBe(403)
  })
})

describe('SLA targets of Jira in the sandbox', () => {
  it('run, pause while the customer is asked, stop, and start anew on a reopening', async () => {
    const { key, as } = await site.raise()
    const sla = async () => {
      const { values } = (await site.get(request(key, '/sla'))).body
      return { first: values[0], resolution: values[1] }
    }
    const move = (id: string, fields?: object) =>
      site.post(`/rest/api/3/issue/${key}/transitions`, { transition: { id }, ...(fields && { fields }) })
    const started = (await sla()).resolution.ongoingCycle
    expect(started).toMatchObject({
      ...{ breached: false, paused: false, goalDuration: { millis: 40 * hourMs, friendly: '40h 0m' } },
      remainingTime: { millis: 40 * hourMs },
      startTime: { epochMillis: Date.parse('2026-03-02T12:00:00Z') },
      breachTime: { epochMillis: Date.parse('2026-03-04T04:00:00Z') },
    })
    // An internal note is no answer; a public comment after 30 minutes is.
    await site.post(request(key, '/comment'), { body: 'note', public: false })
    site.passes(30 * minuteMs)
    expect((await sla()).first.ongoingCycle.remainingTime.millis).toBe(3.5 * hourMs)
    await site.post(request(key, '/comment'), { body: 'Which phone?', public: true })
    await move('11')
    site.passes(2 * hourMs)
    const paused = await sla()
    expect(paused.first.completedCycles[0]).toMatchObject({ breached: false, elapsedTime: { millis: 30 * minuteMs } })
    expect(paused.first.ongoingCycle).toBeUndefined()
    expect(paused.resolution.ongoingCycle).toMatchObject({ paused: true, elapsedTime: { millis: 30 * minuteMs } })
    expect(paused.resolution.ongoingCycle.breachTime).toBeUndefined()
    await site.post(request(key, '/comment'), { body: 'Mine' }, as)
    const resumed = (await sla()).resolution.ongoingCycle
    // Forty hours after noon, and the two hours of the pause.
    expect([resumed.paused, resumed.breachTime.iso8601]).toEqual([false, '2026-03-03T22:00:00-0800'])
    site.passes(40 * hourMs)
    expect((await sla()).resolution.ongoingCycle).toMatchObject({ breached: true, remainingTime: { millis: -30 * minuteMs } })
    await move('61', { resolution: { name: 'Done' } })
    site.passes(hourMs)
    const stopped = (await sla()).resolution
    expect([stopped.completedCycles.length, stopped.ongoingCycle]).toEqual([1, undefined])
    expect(stopped.completedCycles[0]).toMatchObject({ breached: true, elapsedTime: { millis: 40.5 * hourMs } })
    await move('91')
    const again = (await sla()).resolution
    expect([again.completedCycles.length, again.ongoingCycle.elapsedTime.millis]).toEqual([1, 0])
  })

  it('are for agents only', async () => {
    const { key, as } = await site.raise()
    expect((await site.get(request(key, '/sla'), as)).status).toBe(403)
    expect('sla' in (await site.get(`${request(key)}?expand=sla`, as)).body).toBe(false)
    expect((await site.get(`/rest/api/3/issue/${key}`, as)).status).toBe(403)
  })

  it('are not on issues of the software project', async () => {
    const created = await site.post('/rest/api/3/issue', {
      fields: { project: { key: 'SHOP' }, issuetype: { name: 'Task' }, summary: 'x', description: document('y') },
    })
    const { fields } = (await site.get(`/rest/api/3/issue/${created.body.key}`)).body
    expect('customfield_10021' in fields).toBe(false)
  })
})
