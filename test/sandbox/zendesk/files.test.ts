import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, openAccount } from './account.ts'

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

const upload = (name: string, bytes: Uint8Array, query = '') =>
  account.call('POST', `/api/v2/uploads.json?filename=${name}${query}`, bytes, { 'content-type': 'image/png' })
const commentWith = (token: string) =>
  account.call('POST', '/api/v2/tickets', { ticket: { comment: { body: 'See the picture', uploads: [token] } } })

describe('files', () => {
  it('are uploaded first, and belong to a comment by their token', async () => {
    const bytes = new Uint8Array([137, 80, 78, 71, 0, 255])
    const { status, body } = await upload('crash.png', bytes)
    expect(status).toBe(201)
    expect(body.upload.attachment).toMatchObject({ file_name: 'crash.png', content_type: 'image/png', size: 6 })
    const { body: second } = await upload('log.png', bytes, `&token=${body.upload.token}`)
    expect(second.upload.attachments).toHaveLength(2)
    const created = await commentWith(body.upload.token)
    const { body: thread } = await account.get(`/api/v2/tickets/${created.body.ticket.id}/comments`)
    expect(thread.comments[0].attachments.map((file: { file_name: string }) => file.file_name)).toEqual(['crash.png', 'log.png'])
  })

  it('a token works once and for 60 minutes', async () => {
    const { body } = await upload('a.png', new Uint8Array([1]))
    expect((await commentWith(body.upload.token)).status).toBe(201)
    expect((await commentWith(body.upload.token)).status).toBe(422)
    const { body: late } = await upload('b.png', new Uint8Array([1]))
    account.passes(3_600_000)
    expect((await commentWith(late.upload.token)).status).toBe(422)
  })

  it('are on another host, which wants no credentials, for a short time', async () => {
    const bytes = new Uint8Array([9, 8, 7])
    const { body } = await upload('c.png', bytes)
    const address = body.upload.attachment.content_url
    expect(new URL(address).origin).not.toBe(account.origin)
    const answer = await fetch(address)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    expect((await fetch(address, { headers: { authorization: 'Bearer bearer-of-nadia' } })).status).toBe(400)
    account.passes(9 * 60_000)
    expect((await fetch(address)).status).toBe(200)
    account.passes(11 * 60_000)
    expect((await fetch(address)).status).toBe(404)
  })

  it('an upload can be taken back', async () => {
    const { body } = await upload('d.png', new Uint8Array([1]))
    expect((await account.call('DELETE', `/api/v2/uploads/${body.upload.token}.json`)).status).toBe(204)
    expect((await commentWith(body.upload.token)).status).toBe(422)
  })
})
