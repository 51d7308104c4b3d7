import { Transform, type TransformCallback } from 'node:stream'
import { badResponse } from './http-client/upstream-error.ts'
import type { SourceInfo } from './source.ts'

// Files of vendors that have them within JSON, as base64.

/**
 * The bytes of a text of a JSON object, which is base64, as they arrive: a file is never in memory as a whole. `name`: the key of the text; one
 * that is not there, or breaks off, is a fault of the source.
 */
export class Base64Decoder extends Transform {
  readonly #info: SourceInfo
  readonly #start: RegExp
  #state: 'before' | 'inside' | 'behind' = 'before'
  /** What was read and not yet understood. */
  #rest = ''

  constructor(info: SourceInfo, name: string) {
    super()
    this.#info = info
    this.#start = new RegExp(`"${name}"\\s*:\\s*"`)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#state !== 'behind') this.#read(this.#rest + chunk.toString('latin1'))
    done()
  }

  #read(text: string): void {
    // A quote inside a text has a backslash before it, so this is never a part of one.
    const start = this.#state === 'inside' ? null : this.#start.exec(text)
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

/** The base64 of bytes as they come: three bytes are four characters. */
export async function* toBase64(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const all = Buffer.concat([rest, chunk])
    const whole = all.length - (all.length % 3)
    rest = all.subarray(whole)
    if (whole > 0) yield all.subarray(0, whole).toString('base64')
  }
  if (rest.length > 0) yield rest.toString('base64')
}
