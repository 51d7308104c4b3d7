import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** Uploads two files; the second has bytes that are no text. */
async function upload(path: string, headers: Record<string, string> = { 'x-atlassian-token': 'no-check' }) {
  const form = new FormData()
  form.append('file', new Blob(['a statement'], { type: 'text/plain' }), 'résumé "1".txt')
  form.append('file', new Blob([new Uint8Array([0, 13, 10, 255])], { type: 'image/png' }), 'shot.png')
  const response = await fetch(site.origin + path, {
    ...{ method: 'POST', body: form, headers: { ...basic('deskgraph@acme.example'), ...headers } },
  })
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's answer, compared as a whole
  return { status: response.status, body: (await response.json()) as any }
}

describe('attachments of Jira in the sandbox', () => {
  it('are uploaded as a form that says that no browser sent it', async () => {
    const { key } = await site.raise()
    const { status, body } = await upload(`/rest/api/3/issue/${key}/attachments`)
    expect(status).toBe(200)
    expect(body.map(({ filename, size, mimeType }: Record<string, unknown>) => [filename, size, mimeType])).toEqual([
      ['résumé "1".txt', 11, 'text/plain'],
      ['shot.png', 4, 'image/png'],
    ])
    expect((await upload(`/rest/api/3/issue/${key}/attachments`, {})).status).toBe(403)
  })

  it('have their content on another host, at an address that expires and takes no credentials', async () => {
    const { key } = await site.raise()
    const { body } = await upload(`/rest/api/3/issue/${key}/attachments`)
    const redirected = await site.get(`/rest/api/3/attachment/content/${body[1].id}`)
    expect([redirected.status, redirected.text]).toEqual([303, ''])
    const address = redirected.headers.get('location') ?? ''
    expect(new URL(address).origin).not.toBe(site.origin)
    const content = await fetch(address)
    expect([content.status, content.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect([...new Uint8Array(await content.arrayBuffer())]).toEqual([0, 13, 10, 255])
    expect((await fetch(address, { headers: basic('deskgraph@acme.example') })).status).toBe(400)
    expect((await fetch(address.replace(/token=[^&]+/, 'token=x'))).status).toBe(404)
    site.passes(10 * 60_000)
    expect((await fetch(address)).status).toBe(403)
    expect((await site.get(`/rest/api/3/attachment/content/${body[0].id}?redirect=false`)).text).toBe('a statement')
  })

  it('come to a request by way of temporary ones, with a comment that says who sees them', async () => {
    const { key, as } = await site.raise()
    const { status, body } = await upload('/rest/servicedeskapi/servicedesk/1/attachTemporaryFile')
    expect([status, body.temporaryAttachments[1].fileName]).toEqual([201, 'shot.png'])
    const temporaryAttachmentIds = body.temporaryAttachments.map(
      ({ temporaryAttachmentId }: { temporaryAttachmentId: string }) => temporaryAttachmentId,
    )
    const path = `/rest/servicedeskapi/request/${key}/attachment`
    const put = { temporaryAttachmentIds, public: false, additionalComment: { body: 'for us' } }
    const added = await site.post(path, put)
    expect(added.status).toBe(201)
    expect([added.body.comment.body, added.body.comment.public, added.body.attachments.size]).toEqual(['for us', false, 2])
    expect((await site.get(path, as)).body.values).toEqual([])
    expect((await site.get(path)).body.values.map(({ filename }: { filename: string }) => filename)).toEqual([
      ...['résumé "1".txt', 'shot.png'],
    ])
    // A temporary file is used up.
    expect((await site.post(path, put)).status).toBe(400)
  })
})
