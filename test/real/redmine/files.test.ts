import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/domain/permissions.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createFileService } from '../../../src/tickets/files.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RealGateway, startRealGateway } from '../support/real-gateway.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { redmineRef, redmineSourceAt, seededDialect } from './redmine-source.ts'
import { redmineKeys, redmineRest } from './rest.ts'

interface Sent {
  readonly filename: string
  readonly url: string
  readonly size: number
  readonly contentType: string
  readonly expiresAt: string
  readonly requiresAuth: boolean
}

describe.skipIf(!isInstalled(redmineDesk))('files of a real Redmine (skipped where it is not installed)', () => {
  let server: RedmineServer
  let gateway: RealGateway
  beforeAll(async () => {
    server = await startRedmine()
    const shared = { system: 'redmine', url: server.url, timeoutMs: 30_000, dialect: seededDialect }
    gateway = await startRealGateway({ redmine: { ...shared, token: redmineKeys.ann } })
  })
  afterAll(async () => {
    await gateway?.close()
    await server?.close()
  })

  const attachments = 'attachments { filename url size contentType expiresAt requiresAuth }'
  const upload = async (filename: string, body: Uint8Array<ArrayBuffer>, contentType: string) => {
    const { createUpload } = await gateway.ask(
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { uploadId url } userErrors { code } } }',
      { input: { source: 'redmine', filename, size: body.length, contentType } },
    )
    expect(createUpload.userErrors).toEqual([])
    expect((await fetch(createUpload.upload.url, { method: 'PUT', body })).status).toBe(204)
    return createUpload.upload.uploadId as string
  }
  const reply = (id: string, visibility: 'PUBLIC' | 'INTERNAL', files: object[]) =>
    gateway.ask(
      `mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) {
        outcome userErrors { code field } message { ${attachments} } ticket { ${attachments} } } }`,
      { input: { id, body: `A message with ${files.length} files`, visibility, attachments: files } },
    )
  const idOf = async (externalId: string) =>
    (await gateway.ask(`{ ticketByExternalId(source: "redmine", externalId: "${externalId}") { id } }`)).ticketByExternalId.id

  it('REDMINE-06 go up in one stream and come down as they were', async () => {
    const picture = new Uint8Array(randomBytes(700_000))
    const name = 'Größe & (1).png'
    const uploadId = await upload(name, picture, 'image/png')
    const { replyToTicket } = await reply(await idOf('35'), 'PUBLIC', [{ filename: name, uploadId }])
    expect(replyToTicket).toMatchObject({ outcome: 'APPLIED', userErrors: [] })
    const [file] = replyToTicket.message.attachments as Sent[]
    expect(file).toMatchObject({ filename: name, size: 700_000, contentType: 'image/png', requiresAuth: false })
    expect(Date.parse(file!.expiresAt)).toBeGreaterThan(Date.now())
    const answer = await fetch(file!.url)
    expect(file!.url).toContain(`${gateway.url}/files/`)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '700000',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="Gr__e & (1).png"; filename*=UTF-8\'\'Gr%C3%B6%C3%9Fe%20%26%20%281%29.png',
    })
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(digest(new Uint8Array(await answer.arrayBuffer()))).toBe(digest(picture))
  })

  it('REDMINE-13 refuses a file with an internal note, because Redmine would show it to the customer', async () => {
    const uploadId = await upload('secret.txt', new TextEncoder().encode('secret'), 'text/plain')
    const { replyToTicket } = await reply(await idOf('37'), 'INTERNAL', [{ filename: 'secret.txt', uploadId }])
    expect(replyToTicket).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['input', 'attachments'] }],
    })
    const issue = await redmineRest(server.url, 'admin')<{ issue: { attachments: unknown[] } }>(
      'GET',
      '/issues/37.json?include=attachments',
    )
    expect(issue.issue.attachments).toEqual([])
  })

  it('are part of a new ticket', async () => {
    const queue = (await gateway.ask('{ source(key: "redmine") { transferQueues { key name } } }')).source.transferQueues.find(
      ({ name }: { name: string }) => name === 'Support',
    ).key
    const uploadId = await upload('log.html', new TextEncoder().encode('<script>1</script>'), 'text/html')
    const { createTicket } = await gateway.ask(
      `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { ${attachments} } } }`,
      { input: { source: 'redmine', queue, title: 'With a file', attachments: [{ filename: 'log.html', uploadId }] } },
    )
    expect(createTicket).toMatchObject({ outcome: 'APPLIED', ticket: { attachments: [{ filename: 'log.html' }] } })
    const answer = await fetch(createTicket.ticket.attachments[0].url)
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment;/)
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(await answer.text()).toBe('<script>1</script>')
  })

  it('FILE-02 are read as their viewer, who sees the files of the tickets that he sees', async () => {
    const source = redmineSourceAt(server.url, 'admin', { actAsViewer: true })
    const service = createFileService({ sources: [source], config: { publicUrl: 'http://desk.example' }, clock: Date.now })
    // Ticket 10 is in Support, and Otto sees Billing only.
    const [ticket] = (await source.loadTickets([redmineRef(10)], someCall({ viewerId: 'ann' }))) as Ticket[]
    const open = async (id: string) => {
      const { url } = service.addressOf(ticket!.attachments![0]!, { ...anonymous, id })!
      const file = await service.open(url.split('/files/')[1]!, someCall())
      return file === null ? null : await new Response(file.body as never).text()
    }
    expect(await open('ann')).toBe('log of 10\n')
    expect(await open('otto')).toBeNull()
    await source.close?.()
  })
})
