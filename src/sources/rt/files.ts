import { Transform, type TransformCallback } from 'node:stream'
import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import type { OpenedFile, SourceInfo } from '../source.ts'
import { isTicketId } from './decode.ts'
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
