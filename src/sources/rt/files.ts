import { Readable, Transform, type TransformCallback } from 'node:stream'
import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { type AttachmentDraft, rejected, type UploadedFile, type WriteResult } from '../../domain/writes.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import type { OpenedFile, SourceInfo } from '../source.ts'
import type { Wish } from '../verified-write.ts'
import type { Body } from './changes.ts'
import { isTicketId, type RtPart, type RtTicket } from './decode.ts'
import type { Rt } from './index.ts'

/**
 * `GET /attachment/{id}`, which RT allows to those who may see the message. The web page of a file is no way to it: RT leads
 * those who may not see it to another page by a 302 (RT-21).
 */
export async function openFile({ info, upstream }: Rt, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  if (!isTicketId(id)) return null
  const answer = await upstream.download({ operation: 'file', path: `/REST/2.0/attachment/${id}` }, call)
  if (answer === null) return null
  const content = new ContentDecoder(info)
  answer.body.once('error', (error) => content.destroy(error))
  content.once('close', () => answer.body.destroy())
  return { size: null, body: answer.body.pipe(content) }
}

/** The bytes of the text `Content` of a JSON object, which is base64, as they arrive: a file is never in memory as a whole. */
class ContentDecoder extends Transform {
  readonly #info: SourceInfo
  #state: 'before' | 'inside' | 'behind' = 'before'
  /** What was read and not yet understood. */
  #rest = ''

  constructor(info: SourceInfo) {
    super()
    this.#info = info
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#state !== 'behind') this.#read(this.#rest + chunk.toString('latin1'))
    done()
  }

  #read(text: string): void {
    // A quote inside a text has a backslash before it, so this is never a part of one.
    const start = this.#state === 'inside' ? null : /"Content"\s*:\s*"/.exec(text)
    if (start) this.#state = 'inside'
    if (this.#state === 'inside') this.#readContent(start ? text.slice(start.index + start[0].length) : text)
    else this.#rest = text.slice(-64)
  }

  #readContent(text: string): void {
    const end = text.indexOf('"')
    if (end >= 0) this.#state = 'behind'
    this.#push(end >= 0 ? text.slice(0, end) : text)
  }

  /** Line breaks are written as `\n`, and a slash may be written as `\/`. Whole groups of four characters are decoded. */
  #push(text: string): void {
    const isLast = this.#state === 'behind'
    const open = !isLast && text.endsWith('\\') ? '\\' : ''
    const characters = text.slice(0, text.length - open.length).replace(/\\[nrt]|\\|\s/g, '')
    const whole = isLast ? characters.length : characters.length - (characters.length % 4)
    this.#rest = characters.slice(whole) + open
    if (whole > 0) this.push(Buffer.from(characters.slice(0, whole), 'base64'))
  }

  override _flush(done: TransformCallback): void {
    done(this.#state === 'behind' ? null : badResponse(this.#info))
  }
}

/** What a message or a ticket is sent as. */
export function toContent(
  body: Body,
  files: readonly AttachmentDraft[],
): { readonly file: UploadedFile } | { readonly body: Body } {
  return files.length > 0 ? { file: toBodyWithFiles(body, files) } : { body }
}

/** A message or a ticket with files, as RT takes them: base64 within the JSON, written as the files are read. */
function toBodyWithFiles(body: Body, files: readonly AttachmentDraft[]): UploadedFile {
  const start = `${JSON.stringify(body).slice(0, -1)},"Attachments":[`
  const heads = files.map(({ filename, contentType }, index) => {
    // RT takes the name as octets, and would break every letter that is not ASCII (RT-22).
    const octets = Buffer.from(filename, 'utf8').toString('latin1')
    const head = JSON.stringify({ FileName: octets, FileType: contentType ?? 'application/octet-stream' })
    return `${index === 0 ? '' : ','}${head.slice(0, -1)},"FileContent":"`
  })
  const [end, endOfFile] = [']}', '"}']
  async function* write() {
    yield start
    for (const [index, { open }] of files.entries()) {
      yield heads[index]!
      if (open) yield* toBase64(open())
      yield endOfFile
    }
    yield end
  }
  const lengths = files.map(
    ({ size }, index) => Buffer.byteLength(heads[index]!) + Math.ceil((size ?? 0) / 3) * 4 + endOfFile.length,
  )
  const size = lengths.reduce((sum, length) => sum + length, Buffer.byteLength(start) + end.length)
  return { filename: 'message.json', contentType: 'application/json', size, body: Readable.from(write(), { objectMode: false }) }
}

/** Three bytes are four characters. */
async function* toBase64(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % 3)
    rest = all.subarray(whole)
    if (whole > 0) yield all.subarray(0, whole).toString('base64')
  }
  if (rest.length > 0) yield rest.toString('base64')
}

/** RT refuses a file without bytes, and says so only after it has taken the others (RT-22). null: RT can take these. */
export function findEmptyFile(files: readonly AttachmentDraft[]): WriteResult | null {
  const index = files.findIndex(({ size }) => size === 0)
  return index < 0 ? null : rejected('INVALID', 'RT takes no file without bytes.', ['input', 'attachments', String(index)])
}

/** Each file is to be a part of the message, with its name and its size. */
export function toFileWishes(files: readonly AttachmentDraft[]): readonly Wish<RtTicket>[] {
  return files.map(({ filename, size }, index) => ({
    field: ['input', 'attachments', String(index)],
    isMet: ({ messages }) =>
      messages?.some(({ parts }) => parts.some((part) => part.filename === filename && isSameSize(part, size))) === true,
  }))
}

/** RT writes texts anew, as UTF-8. */
function isSameSize(part: RtPart, size: number | null | undefined): boolean {
  return part.size === size || (part.contentType?.startsWith('text/') === true && (part.size ?? 0) > 0)
}
