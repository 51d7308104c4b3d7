/** One record cut out of a stream, with its place. */
export interface Cut {
  readonly bytes: Buffer
  /** The offset right behind it in the stream: cutting can go on from there. */
  readonly end: number
  /** It was longer than allowed; `bytes` is its beginning. */
  readonly truncated: boolean
}

/** Cuts a stream of bytes into records, in constant memory. Nothing but blanks, commas and the container's brackets is left out. */
export interface Splitter {
  push(chunk: Buffer): readonly Cut[]
  finish(): readonly Cut[]
}

/** `lines`: NDJSON. `values`: JSON values one after another, over as many lines as they like. `elements`: the inside of an array. */
export type Layout = 'lines' | 'values' | 'elements'

const [quote, backslash, newline, comma] = [34, 92, 10, 44]
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93]

const isOpening = (byte: number): boolean => byte === openBrace || byte === openBracket
const isClosing = (byte: number): boolean => byte === closeBrace || byte === closeBracket
/** Blank, or a byte of a byte order mark or no-break space in UTF-8. */
const isBlank = (byte: number): boolean =>
  byte <= 32 || byte === 0xc2 || byte === 0xa0 || byte === 0xef || byte === 0xbb || byte === 0xbf

/** Recognises the layout by the stream's beginning (give it at least the first line, or 64 kB), and where the records begin. */
export function detectLayout(head: Buffer): { readonly layout: Layout; readonly start: number } {
  const text = head.toString('latin1')
  const container = /^(?:\u00ef\u00bb\u00bf)?\s*(?:\[|\{\s*"tickets"\s*:\s*\[)/.exec(text)
  if (container) return { layout: 'elements', start: container[0].length }
  const line = text.slice(0, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n')).replace(/^\u00ef\u00bb\u00bf/, '')
  const whole = /^\s*\{.*\}[\s,\u00c2\u00a0]*$/.test(line) && isBalanced(line)
  return { layout: whole ? 'lines' : 'values', start: 0 }
}

function isBalanced(line: string): boolean {
  const cuts = createSplitter('values', { maxBytes: line.length + 1, offset: 0 }).push(Buffer.from(line, 'latin1'))
  return cuts.length === 1
}

export interface SplitterOptions {
  /** A longer record is cut off. */
  readonly maxBytes: number
  /** Where in the stream the first chunk begins. */
  readonly offset: number
}

export function createSplitter(layout: Layout, options: SplitterOptions): Splitter {
  return layout === 'lines' ? new LineSplitter(options) : new ValueSplitter(options)
}

/** Gathers the bytes of one record over chunks, up to a limit. */
class Gathering {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #size = 0
  #truncated = false
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(part: Buffer): void {
    const room = this.#maxBytes - this.#size
    if (part.length > room) this.#truncated = true
    const kept = part.subarray(0, Math.max(0, room))
    this.#parts.push(kept)
    this.#size += kept.length
  }

  take(end: number): Cut {
    const cut = { bytes: Buffer.concat(this.#parts, this.#size), end, truncated: this.#truncated }
    this.#parts = []
    this.#size = 0
    this.#truncated = false
    return cut
  }
}

class LineSplitter implements Splitter {
  readonly #line: Gathering
  #offset: number
  constructor({ maxBytes, offset }: SplitterOptions) {
    this.#line = new Gathering(maxBytes)
    this.#offset = offset
  }

  push(chunk: Buffer): readonly Cut[] {
    const cuts: Cut[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#line.add(chunk.subarray(start, end))
      this.#emit(this.#offset + end + 1, cuts)
      start = end + 1
    }
    this.#line.add(chunk.subarray(start))
    this.#offset += chunk.length
    return cuts
  }

  finish(): readonly Cut[] {
    const cuts: Cut[] = []
    this.#emit(this.#offset, cuts)
    return cuts
  }

  #emit(end: number, cuts: Cut[]): void {
    const cut = this.#line.take(end)
    if (!cut.bytes.every(isBlank)) cuts.push(cut)
  }
}

class ValueSplitter implements Splitter {
  readonly #value: Gathering
  #offset: number
  #state: 'between' | 'nested' | 'plain' = 'between'
  #depth = 0
  #inText = false
  #escaped = false
  constructor({ maxBytes, offset }: SplitterOptions) {
    this.#value = new Gathering(maxBytes)
    this.#offset = offset
  }

  push(chunk: Buffer): readonly Cut[] {
    const cuts: Cut[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (this.#state === 'between') {
        if (!this.#begins(byte)) continue
        start = at
      }
      const ended = this.#state === 'nested' ? this.#nested(byte) : this.#plain(byte)
      if (ended === 'no') continue
      const end = ended === 'behind' ? at + 1 : at
      this.#value.add(chunk.subarray(start, end))
      cuts.push(this.#value.take(this.#offset + at + 1))
      this.#state = 'between'
    }
    if (this.#state !== 'between') this.#value.add(chunk.subarray(start))
    this.#offset += chunk.length
    return cuts
  }

  finish(): readonly Cut[] {
    return this.#state === 'between' ? [] : [this.#value.take(this.#offset)]
  }

  #begins(byte: number): boolean {
    if (isBlank(byte) || byte === comma || isClosing(byte)) return false
    this.#state = isOpening(byte) ? 'nested' : 'plain'
    this.#depth = 0
    this.#inText = false
    this.#escaped = false
    return true
  }

  #text(byte: number): boolean {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash && this.#inText) this.#escaped = true
    else if (byte === quote) this.#inText = !this.#inText
    else return this.#inText
    return true
  }

  #nested(byte: number): 'no' | 'behind' {
    if (this.#text(byte)) return 'no'
    if (isOpening(byte)) this.#depth += 1
    else if (isClosing(byte)) this.#depth -= 1
    return this.#depth === 0 ? 'behind' : 'no'
  }

  /** A value without brackets, or rubbish: ends before a comma, a closing bracket or the line's end. */
  #plain(byte: number): 'no' | 'before' {
    if (byte !== newline && this.#text(byte)) return 'no'
    return byte === comma || byte === newline || isClosing(byte) ? 'before' : 'no'
  }
}
