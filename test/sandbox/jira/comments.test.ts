import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { document, type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const platform = (key: string) => `/rest/api/3/issue/${key}/comment`
const desk = (key: string) => `/rest/servicedeskapi/request/${key}/comment`
const bodiesOf = async (key: string, as: Record<string, string>) => {
  const { body } = await site.get(desk(key), as)
  return body.values.map((comment: { body: string }) => comment.body)
}

describe('comments of Jira in the sandbox', () => {
  it('are public by the platform API, also with a visibility, which the portal does not know', async () => {
    const { key, as } = await site.raise()
    const { status, body } = await site.post(platform(key), {
      ...{ body: document('Only for the team'), visibility: { type: 'role', value: 'Service Desk Team' } },
    })
    expect([status, body.jsdPublic, body.visibility.value]).toEqual([201, true, 'Service Desk Team'])
    expect(await bodiesOf(key, as)).toEqual(['Only for the team'])
  })

  it('are internal by the property sd.public.comment', async () => {
    const { key, as } = await site.raise()
    const properties = [{ key: 'sd.public.comment', value: { internal: true } }]
    const { body } = await site.post(platform(key), { body: document('Note'), properties })
    expect(body.jsdPublic).toBe(false)
    expect(await bodiesOf(key, as)).toEqual([])
  })

  it('keep who sees them when an edit leaves the properties out, and become public when it sends others', async () => {
    const { key, as } = await site.raise()
    const properties = [{ key: 'sd.public.comment', value: { internal: true } }]
    const { id } = (await site.post(platform(key), { body: document('Note'), properties })).body
    const kept = await site.put(`${platform(key)}/${id}`, { body: document('Note, edited') })
    expect([kept.status, kept.body.jsdPublic]).toEqual([200, false])
    const published = await site.put(`${platform(key)}/${id}`, { body: document('Note, edited'), properties: [] })
    expect(published.body.jsdPublic).toBe(true)
    expect(await bodiesOf(key, as)).toEqual(['Note, edited'])
  })

  it('are public or internal by a flag of the service desk API', async () => {
    const { key, as } = await site.raise()
    const reply = await site.post(desk(key), { body: 'We look into it', public: true })
    const note = await site.post(desk(key), { body: 'Second contact', public: false })
    expect([reply.status, reply.body.public]).toEqual([201, true])
    expect([note.status, note.body.public]).toEqual([201, false])
    expect(await bodiesOf(key, as)).toEqual(['We look into it'])
    expect(await bodiesOf(key, {})).toEqual(['We look into it', 'Second contact'])
    const { comments } = (await site.get(platform(key))).body
    expect(comments.map((comment: { jsdPublic: boolean }) => comment.jsdPublic)).toEqual([true, false])
  })

  it('are documents in one API and wiki markup in the other', async () => {
    const { key } = await site.raise()
    const { id } = (await site.post(desk(key), { body: 'See *this* [page|https://shop.example/]', public: true })).body
    const { body } = (await site.get(`${platform(key)}/${id}`)).body
    expect(body.content[0].content).toEqual([
      { type: 'text', text: 'See ' },
      { type: 'text', text: 'this', marks: [{ type: 'strong' }] },
      { type: 'text', text: ' ' },
      { type: 'text', text: 'page', marks: [{ type: 'link', attrs: { href: 'https://shop.example/' } }] },
    ])
    const read = (await site.get(`${desk(key)}/${id}?expand=renderedBody`)).body
    expect(read.body).toBe('See *this* [page|https://shop.example/]')
    expect(read.renderedBody.html).toContain('<strong>this</strong>')
  })

  it('have their times in the zone of the account that asks', async () => {
    const { key } = await site.raise()
    const { id, created } = (await site.post(desk(key), { body: 'Hello', public: true })).body
    expect(created).toEqual({
      ...{ iso8601: '2026-03-02T04:00:00-0800', jira: '2026-03-02T04:00:00.000-0800', friendly: '02/Mar/26 4:00 AM' },
      epochMillis: 1772452800000,
    })
    const asYuki = await site.get(`${platform(key)}/${id}`, {
      authorization: `Basic ${btoa('yuki.tanaka@acme.example:classic-token')}`,
    })
    expect(asYuki.body.created).toBe('2026-03-02T21:00:00.000+0900')
  })

  it('of a request that the caller may not see are an empty page, without an error', async () => {
    const [mine, other] = [await site.raise(), await site.raise()]
    await site.post(desk(other.key), { body: 'Private', public: true })
    const { status, body } = await site.get(desk(other.key), mine.as)
    expect([status, body.size, body.isLastPage, body.values]).toEqual([200, 0, true, []])
    expect((await site.get(`/rest/servicedeskapi/request/${other.key}`, mine.as)).status).toBe(404)
  })

  it('refuse texts that are no document, empty ones, and internal ones of customers', async () => {
    const { key, as } = await site.raise()
    const text = await site.post(platform(key), { body: 'plain' })
    expect([text.status, text.body]).toEqual([400, { errorMessages: ['Comment body is not valid!'], errors: {} }])
    const empty = await site.post(desk(key), { body: ' ', public: true })
    expect([empty.status, Object.keys(empty.body)]).toEqual([400, ['errorMessage', 'i18nErrorMessage']])
    expect((await site.post(desk(key), { body: 'x', public: false }, as)).status).toBe(403)
    expect(await bodiesOf(key, {})).toEqual([])
  })

  it('of a customer bring a waiting request back to the agents', async () => {
    const { key, as } = await site.raise()
    await site.post(`/rest/api/3/issue/${key}/transitions`, { transition: { id: '11' } })
    await site.post(desk(key), { body: 'Here is the answer' }, as)
    expect((await site.get(`/rest/api/3/issue/${key}?fields=status`)).body.fields.status.name).toBe('Waiting for support')
  })
})
