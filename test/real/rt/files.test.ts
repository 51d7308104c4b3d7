import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { someCall } from '../../support/call.ts'
import { isInstalled, rtDesk } from '../support/debian.ts'
import { type RealGateway, startRealGateway } from '../support/real-gateway.ts'
import { type RtServer, startRt } from './rt-server.ts'
import { rtRef, rtSourceAt, seededDialect } from './rt-source.ts'

interface Sent {
  readonly filename: string
  readonly url: string
  readonly size: number
  readonly contentType: string
}

describe.skipIf(!isInstalled(rtDesk))('files of a real Request Tracker (skipped where it is not installed)', () => {
  let server: RtServer
  let gateway: RealGateway
  beforeAll(async () => {
    server = await startRt()
    const shared = { system: 'rt', url: server.url, timeoutMs: 30_000, dialect: seededDialect }
    gateway = await startRealGateway({ rt: { ...shared, token: server.tokens.ann } })
  })
  afterAll(async () => {
    await gateway?.close()
    await server?.close()
  })

  const attachments = 'attachments { filename url size contentType }'
  const upload = async (filename: string, body: Uint8Array<ArrayBuffer>, contentType: string) => {
    const { createUpload } = await gateway.ask(
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { uploadId url } userErrors { code } } }',
      { input: { source: 'rt', filename, contentType } },
    )
    expect(createUpload.userErrors).toEqual([])
    expect((await fetch(createUpload.upload.url, { method: 'PUT', body })).status).toBe(204)
    return { filename, uploadId: createUpload.upload.uploadId as string }
  }
  const reply = async (externalId: string, visibility: 'PUBLIC' | 'INTERNAL', files: object[]) => {
    const { ticketByExternalId } = await gateway.ask(`{ ticketByExternalId(source: "rt", externalId: "${externalId}") { id } }`)
    const { replyToTicket } = await gateway.ask(
      `mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) {
        outcome userErrors { code field } message { body visibility ${attachments} } ticket { ${attachments} } } }`,
      { input: { id: ticketByExternalId.id, body: `A message with ${files.length} files`, visibility, attachments: files } },
    )
    return replyToTicket
  }
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  it('RT-22 go up with a message, in one stream, and come down as they were', async () => {
    const picture = new Uint8Array(randomBytes(700_001))
    const files = [
      await upload('Größe 日本 & (1).png', picture, 'image/png'),
      await upload('a "note".txt', new TextEncoder().encode('zero\r\nür'), 'text/plain'),
    ]
    const sent = await reply('5', 'PUBLIC', files)
    expect(sent).toMatchObject({ outcome: 'APPLIED', userErrors: [], message: { body: 'A message with 2 files' } })
    const [first, second] = sent.message.attachments as Sent[]
    expect(first).toMatchObject({ filename: 'Größe 日本 & (1).png', size: 700_001, contentType: 'image/png' })
    expect(second).toMatchObject({ filename: 'a "note".txt', contentType: 'text/plain' })
    const answer = await fetch(first!.url)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(digest(new Uint8Array(await answer.arrayBuffer()))).toBe(digest(picture))
    expect((await (await fetch(second!.url)).text()).trim()).toBe('zero\r\nür')
  })

  it('RT-22 stay with an internal note, which the customer does not see', async () => {
    const sent = await reply('5', 'INTERNAL', [await upload('secret.bin', new Uint8Array([1, 2, 3]), 'application/x-secret')])
    expect(sent).toMatchObject({ outcome: 'APPLIED', message: { visibility: 'INTERNAL' } })
    const namesFor = async (login: 'ann' | 'carl') => {
      const source = rtSourceAt(server, login)
      const [ticket] = (await source.loadTickets([rtRef(5)], someCall())) as Ticket[]
      await source.close?.()
      return ticket?.attachments?.map(({ filename }) => filename)
    }
    expect(await namesFor('ann')).toContain('secret.bin')
    expect(await namesFor('carl')).not.toContain('secret.bin')
  })

  it('RT-22 are refused where they are empty, before anything is sent', async () => {
    const sent = await reply('11', 'PUBLIC', [await upload('empty.txt', new Uint8Array(0), 'text/plain')])
    expect(sent).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', field: ['input', 'attachments', '0'] }] })
    expect(sent.ticket.attachments).toEqual([])
  })

  it('RT-22 are part of a new ticket, with a text and without', async () => {
    const source = rtSourceAt(server, 'ann')
    const { source: desk } = await gateway.ask('{ source(key: "rt") { transferQueues { key name } } }')
    const queue = desk.transferQueues.find(({ name }: { name: string }) => name === 'Support').key
    for (const description of ['See the file.', null]) {
      const file = await upload('log.html', new TextEncoder().encode('<script>1</script>'), 'text/html')
      const input = { source: 'rt', queue, title: 'With a file', description, attachments: [file] }
      const { createTicket } = await gateway.ask(
        `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome userErrors { message field } ticket { id description ${attachments} } } }`,
        { input },
      )
      expect(createTicket).toMatchObject({ outcome: 'APPLIED', ticket: { attachments: [{ filename: 'log.html' }] } })
      const opened = await source.openFile!(
        decodeId(((await source.loadTickets([decodeId(createTicket.ticket.id)!], someCall()))[0] as Ticket).attachments![0]!.id)!,
        someCall(),
      )
      expect((await buffer(opened!.body)).toString()).toBe('<script>1</script>')
    }
    await source.close?.()
  })
})
