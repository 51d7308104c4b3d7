import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { sendFile, toForm } from '../../src/sources/file-upload.ts'
import type { HttpClient, WriteAnswer, WriteRequest } from '../../src/sources/http-client/types.ts'
import { someCall } from '../support/call.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk', { label: 'Desk' })
const file = { filename: 'a.txt', contentType: 'text/plain', size: 5, body: Readable.from(['bytes']) }
const answered = (status: number, body: unknown): WriteAnswer => ({
  ended: 'answered',
  answer: { status, body, readable: true },
})

async function send(answer: WriteAnswer, headers?: Record<string, string>) {
  const requests: WriteRequest[] = []
  const upstream = {
    write: async (request: WriteRequest) => {
      requests.push(request)
      return answer
    },
  } as Partial<HttpClient> as HttpClient
  const toId = (body: unknown) => (body as { id?: string }).id ?? null
  const upload = { path: '/files', file, toId, ...(headers && { headers }) }
  const result: unknown = await sendFile({ info, upstream }, upload, someCall()).catch((error: unknown) => error)
  return { requests, result }
}

describe('a file that is sent to a vendor', () => {
  it('is sent once by POST, and has the id of the answer', async () => {
    const { requests, result } = await send(answered(201, { id: 'f-1' }))
    expect(result).toBe('f-1')
    expect(requests).toEqual([{ operation: 'upload', method: 'POST', path: '/files', file }])
  })

  it('may have headers of its own', async () => {
    const { requests } = await send(answered(201, { id: 'f-1' }), { 'x-name': 'a' })
    expect(requests).toMatchObject([{ headers: { 'x-name': 'a' } }])
  })

  it('may be sent again where no answer says what became of it', async () => {
    expect((await send({ ended: 'unconfirmed' })).result).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'Desk did not confirm the file. Send it again.',
      source: 'desk',
    })
  })

  it('is refused where the answer has no id', async () => {
    expect((await send(answered(413, {}))).result).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: 'Desk did not take the file (HTTP 413): it may be too large, or of a type that is not allowed.',
      source: 'desk',
    })
  })
})

describe('a form', () => {
  const part = (filename: string, text: string, more: { size?: number | null; contentType?: string | null } = {}) => ({
    ...{ field: 'files[]', filename, contentType: 'text/plain', size: text.length, ...more },
    open: () => Readable.from([Buffer.from(text)]),
  })
  const readForm = async ({ body, contentType, size }: ReturnType<typeof toForm>) => {
    const bytes = await buffer(body)
    if (size !== null) expect(bytes.length).toBe(size)
    return new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType! } }).formData()
  }

  it('has its texts before its files, in their order, and the length of all', async () => {
    const form = toForm(
      [
        ['subject', 'Grüße'],
        ['a"b', '1'],
      ],
      [part('a.txt', 'first'), part('b.txt', 'second one')],
    )
    expect(form.filename).toBe('form')
    expect(form.size).not.toBeNull()
    const read = await readForm(form)
    expect([...read.keys()]).toEqual(['subject', 'a"b', 'files[]', 'files[]'])
    expect(read.get('subject')).toBe('Grüße')
    const files = read.getAll('files[]') as File[]
    expect(await Promise.all(files.map(async (one) => [one.name, one.type, await one.text()]))).toEqual([
      ['a.txt', 'text/plain', 'first'],
      ['b.txt', 'text/plain', 'second one'],
    ])
  })

  it('has no length where that of one file is not known', async () => {
    const form = toForm([], [part('a.txt', 'first', { size: null }), part('b.txt', 'second')])
    expect(form.size).toBeNull()
    expect((await readForm(form)).getAll('files[]')).toHaveLength(2)
  })

  it('has bytes of no certain type where the type is not known', async () => {
    const read = await readForm(toForm([], [part('a.bin', 'x', { contentType: null })]))
    expect((read.get('files[]') as File).type).toBe('application/octet-stream')
  })

  it('may have texts only', async () => {
    expect([...(await readForm(toForm([['a', 'b']], []))).entries()]).toEqual([['a', 'b']])
  })
})
