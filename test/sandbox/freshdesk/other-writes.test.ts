import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, keyHeader, noon, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount({ agentKeys: { 'lukas@sandbox.freshdesk.example': 'key-of-lukas' }, jobDelayMs: 1000 })
})
afterAll(() => account.close())

describe('associations', () => {
  it('of a parent and its children', async () => {
    const parent = await account.open({ subject: 'Parent' })
    const child = await account.open({ subject: 'Child', parent_id: parent.id })
    expect(child).toMatchObject({ association_type: 2, associated_tickets_list: [parent.id] })
    expect((await account.get(`/tickets/${parent.id}`)).body).toMatchObject({
      association_type: 1,
      associated_tickets_list: [child.id],
    })
    const { body } = await account.get(`/tickets/${parent.id}/associated_tickets`)
    expect(body.tickets).toMatchObject([{ id: child.id, subject: 'Child' }])
    expect((await account.get(`/tickets/${child.id}/prime_association`)).body.id).toBe(parent.id)
    expect((await account.get(`/tickets/${parent.id}/prime_association`)).status).toBe(404)
  })

  it('of a tracker and its related tickets', async () => {
    const related = await account.open()
    const tracker = await account.open({ subject: 'Outage', related_ticket_ids: [related.id] })
    expect(tracker).toMatchObject({ association_type: 3, associated_tickets_list: [related.id] })
    expect((await account.get(`/tickets/${related.id}`)).body).toMatchObject({
      association_type: 4,
      associated_tickets_list: [tracker.id],
    })
  })

  it('by a merge, which closes the others with a note in each', async () => {
    const primary = await account.open()
    const other = await account.open({ email: 'charles@example.com', subject: 'Same engine' })
    const merged = await account.call('PUT', '/tickets/merge', {
      ...{ primary_id: primary.id, ticket_ids: [primary.id, other.id], convert_recepients_to_cc: true },
      note_in_primary: { body: 'One case', private: true },
    })
    expect([merged.status, merged.text]).toEqual([204, ''])
    expect((await account.get(`/tickets/${other.id}`)).body.status).toBe(5)
    expect((await account.all(`/tickets/${other.id}/conversations`)).map((one) => one.body_text)).toEqual([
      `This ticket is closed and merged into ticket ${primary.id}`,
    ])
    expect((await account.get(`/tickets/${primary.id}?include=conversations`)).body).toMatchObject({
      ...{ cc_emails: ['charles@example.com'], conversations: [{ body_text: 'One case', private: true }] },
    })
    const third = await account.open({ email: 'mary@example.com' })
    await account.call('PUT', '/tickets/merge', { primary_id: primary.id, ticket_ids: [third.id] })
    expect((await account.get(`/tickets/${primary.id}`)).body.cc_emails).toEqual(['charles@example.com'])
    expect(await account.errorsOf('PUT', '/tickets/merge', { primary_id: primary.id, ticket_ids: [999_999] })).toMatchObject({
      ...{ status: 400, errors: [{ field: 'ticket_ids', code: 'invalid_value' }] },
    })
  })
})

describe('watchers', () => {
  it('are added by id, and only the caller is removed', async () => {
    const { id, updated_at } = await account.open()
    expect((await account.call('POST', `/tickets/${id}/watch`, { user_id: 43000210202 })).status).toBe(204)
    expect((await account.call('POST', `/tickets/${id}/watch`, { user_id: 43000210201 })).status).toBe(204)
    expect((await account.get(`/tickets/${id}/watchers`)).body).toEqual({ watcher_ids: [43000210202, 43000210201] })
    expect((await account.call('PUT', `/tickets/${id}/unwatch`)).status).toBe(204)
    expect((await account.get(`/tickets/${id}/watchers`)).body).toEqual({ watcher_ids: [43000210202] })
    expect((await account.call('POST', `/tickets/${id}/watch`, {})).status).toBe(400)
    expect((await account.get(`/tickets/${id}`)).body.updated_at).toBe(updated_at)
  })
})

describe('contacts', () => {
  it('are created once for an address', async () => {
    const { status, body } = await account.call('POST', '/contacts', {
      name: 'Grace',
      email: 'grace@example.com',
      company_id: 43000310301,
    })
    expect([status, body.company_id]).toEqual([201, 43000310301])
    expect(await account.call('POST', '/contacts', { name: 'Other', email: 'Grace@example.com' })).toMatchObject({
      ...{ status: 409, body: { errors: [{ field: 'email', code: 'duplicate_value', additional_info: { user_id: body.id } }] } },
    })
    expect((await account.call('POST', '/contacts', { name: 'No address' })).status).toBe(400)
  })
})

describe('many tickets', () => {
  it('are changed in the background', async () => {
    const [one, two] = [await account.open(), await account.open()]
    const action = { ids: [one.id, two.id], properties: { priority: 3 }, reply: { body: 'Please wait' } }
    const { status, body } = await account.call('POST', '/tickets/bulk_update', { bulk_action: action })
    expect([status, body.href]).toEqual([202, `${account.origin}/api/v2/jobs/${body.job_id}`])
    expect((await account.get(body.href)).body.status).toBe('IN PROGRESS')
    account.passes(1000)
    expect((await account.get(body.href)).body.status).toBe('COMPLETED')
    for (const { id } of [one, two]) {
      expect((await account.get(`/tickets/${id}?include=conversations`)).body).toMatchObject({
        ...{ priority: 3, conversations: [{ body_text: 'Please wait', private: false }] },
      })
    }
  })
})

describe('an agent who sees the own group', () => {
  it('changes no ticket of another', async () => {
    const { id } = await account.open({ group_id: 43000110102 })
    const headers = keyHeader('key-of-lukas')
    expect((await account.call('PUT', `/tickets/${id}`, { priority: 2 }, headers)).status).toBe(403)
    expect((await account.call('POST', `/tickets/${id}/reply`, { body: 'x' }, headers)).status).toBe(403)
    expect(noon).toBeLessThan(Date.parse((await account.get(`/tickets/${id}`)).body.created_at))
  })
})
