import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type AttachmentDraft, rejected } from '../../../src/domain/writes.ts'
import { findEmptyFile, toContent, toFileWishes, toRefusalOf, toWrite } from '../../../src/sources/rt/changes.ts'
import { type RtMessage, toMergedTicket, toPart, toRtTicket } from '../../../src/sources/rt/decode.ts'
import type { Rt } from '../../../src/sources/rt/index.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('rt', { label: 'RT' })
const ref = { kind: 'ticket' as const, sourceKey: 'rt', tenant: '', externalId: '10' }
const draftOf = (filename: string, text: string, contentType: string | null = null) =>
  ({
    ...{ filename, contentType, size: Buffer.byteLength(text) },
    open: () => Readable.from([Buffer.from(text)]),
  }) as unknown as AttachmentDraft

describe('a message of RT with files', () => {
  it('RT-22: is JSON with their bytes in base64, whose size is known before they are read', async () => {
    const files = [draftOf('ä "1".txt', 'hello', 'text/plain'), draftOf('b', 'abcdef')]
    const content = toContent({ Content: 'Grüße' }, files)
    if (!('file' in content)) throw new Error('no file')
    const { filename, contentType, size, body } = content.file
    const bytes = await buffer(body as Readable)
    // The name as octets: "ä" is C3 A4 in UTF-8.
    expect(JSON.parse(bytes.toString())).toEqual({
      Content: 'Grüße',
      Attachments: [
        { FileName: '\u00c3\u00a4 "1".txt', FileType: 'text/plain', FileContent: Buffer.from('hello').toString('base64') },
        { FileName: 'b', FileType: 'application/octet-stream', FileContent: Buffer.from('abcdef').toString('base64') },
      ],
    })
    expect([filename, contentType, size]).toEqual(['message.json', 'application/json', bytes.length])
    const [one, many] = [toContent({ Content: 'a' }, [draftOf('a', 'x')]), toContent({ Content: 'a' }, [])]
    expect('file' in one && one.file.size).toBe(
      '{"Content":"a","Attachments":[{"FileName":"a","FileType":"application/octet-stream","FileContent":"eA=="}]}'.length,
    )
    expect(many).toEqual({ body: { Content: 'a' } })
  })

  it('has none without bytes', () => {
    const empty = (index: number) =>
      rejected('INVALID', 'RT takes no file without bytes.', ['input', 'attachments', String(index)])
    expect([findEmptyFile([]), findEmptyFile([draftOf('a', 'x')])]).toEqual([null, null])
    expect(findEmptyFile([draftOf('a', 'x'), draftOf('b', '')])).toEqual(empty(1))
    expect(findEmptyFile([{ ...draftOf('a', ''), size: null } as never])).toBeNull()
  })

  it('is to have them as its parts, by name and size; RT writes texts anew', () => {
    const [wish, other] = toFileWishes([draftOf('a.png', 'abc'), draftOf('b.txt', 'abc')])
    expect([wish?.field, other?.field]).toEqual([
      ['input', 'attachments', '0'],
      ['input', 'attachments', '1'],
    ])
    const withPart = (record: object | null) => {
      const part = record && toPart({ id: 1, TransactionId: 2, ...record })
      const message = { id: '2', type: 'Comment', creator: null, created: null, parts: part ? [part] : [] } as RtMessage
      return { ...toRtTicket({ id: 10 })!, messages: [message] }
    }
    const met = (record: object) => wish!.isMet(withPart({ Filename: 'a.png', ...record }))
    expect([met({ ContentLength: 3 }), met({ ContentLength: 4 }), met({ ContentLength: 3, Filename: 'b' })]).toEqual([
      ...[true, false, false],
    ])
    expect([met({ ContentLength: 4, ContentType: 'text/plain' }), met({ ContentLength: 0, ContentType: 'text/plain' })]).toEqual([
      ...[true, false],
    ])
    expect([met({ ContentLength: 4, ContentType: 'image/png' }), met({ ContentType: 'text/plain' })]).toEqual([false, false])
    expect([wish!.isMet(withPart(null)), wish!.isMet(toRtTicket({ id: 10 })!)]).toEqual([false, false])
  })
})

const answerOf = (status: number, body: unknown = {}) => ({ status, body, readable: true })
const sent = { ended: 'answered', answer: answerOf(201) }
/** A write to the ticket 10, and what goes out. */
function writeOf(sending: Partial<Parameters<typeof toWrite>[2]> = {}) {
  const written: unknown[] = []
  const wire = toRtTicket({ id: 10 })!
  const ticket = toTicket(info, '10')
  const rt = {
    info,
    upstream: {
      async write(request: unknown) {
        written.push(request)
        return sent
      },
    },
    origin: () => 'origin',
    toTicket: (...given: unknown[]) => (given[0] === wire && given[1] === 'origin' && given[2] === true ? ticket : null),
  } as unknown as Rt
  const prepared = rejected('INVALID', 'prepared')
  const write = toWrite(rt, ref, { operation: 'edit', method: 'PUT', path: '', ...sending }, () => prepared, someCall())
  return { write, written, wire, ticket, prepared }
}

describe('a write to RT', () => {
  it('is sent to the path of its ticket', async () => {
    const { write, written, wire, ticket } = writeOf()
    expect(await write.send({ Subject: 'Ink' }, wire)).toBe(sent)
    expect(written).toEqual([{ operation: 'edit', method: 'PUT', path: '/REST/2.0/ticket/10', body: { Subject: 'Ink' } }])
    expect(Object.keys(written[0] as object)).not.toContain('headers')
    expect([write.ref, write.label, write.toTicket(wire)]).toEqual([ref, 'RT', ticket])
  })

  it('may be bound to the state that was read', async () => {
    const { write, written, wire } = writeOf({ method: 'POST', path: '/comment' })
    await write.send({ Content: 'a', ifMatch: 'etag' }, wire)
    await write.send({ Content: 'a', ifMatch: 7 }, wire)
    const request = { operation: 'edit', method: 'POST', path: '/REST/2.0/ticket/10/comment', body: { Content: 'a' } }
    expect(written).toEqual([{ ...request, headers: { 'if-match': 'etag' } }, request])
  })

  it('has its files in the body', async () => {
    const { write, written, wire } = writeOf({ files: [draftOf('a', 'x')] })
    await write.send({ Content: 'a' }, wire)
    expect(written).toMatchObject([{ path: '/REST/2.0/ticket/10', file: { filename: 'message.json' } }])
  })

  it('RT-10: is none to a ticket that was merged into another one', () => {
    const { write, wire, prepared } = writeOf()
    expect(write.prepare(wire, someCall())).toBe(prepared)
    expect(write.prepare(toMergedTicket('10', '22'), someCall())).toEqual(
      rejected('CONFLICT', 'RT has merged this ticket into the ticket 22.'),
    )
  })

  it('is refused by its answer alone', () => {
    const { write } = writeOf()
    const refusal = (status: number, body?: unknown) => toRefusalOf({ info } as Rt, ref, answerOf(status, body))
    expect([refusal(200), refusal(201), refusal(299), write.toRefusal(answerOf(200))]).toEqual([null, null, null, null])
    const forbidden = rejected('FORBIDDEN', 'RT does not let you do this.')
    expect(refusal(422, { message: 'Permission Denied' })).toEqual(forbidden)
    expect(refusal(422, { message: 'Invalid queue' })).toEqual(rejected('INVALID', 'RT did not accept the input.'))
    expect([refusal(400, {}), refusal(400, 'text')].map((result) => result?.userErrors[0]?.code)).toEqual(['INVALID', 'INVALID'])
    expect(() => refusal(300)).toThrow('RT refused the change (HTTP 300).')
    expect(write.toRefusal(answerOf(403))).toEqual(forbidden)
  })
})
