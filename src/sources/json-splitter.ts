// Splits a stream of JSON records, of any size, in constant memory. It is own code because an import reads files of gigabytes and
// resumes after any record: it needs the raw bytes of each record with their offset, also of records that are not JSON, which
// become dead letters. Streaming parsers build values, lose the bytes, and stop at the first fault.

/** The bytes of one record, and where it ends. */
export interface SplitRecord {
  readonly bytes: Buffer
  /** The offset in the stream behind the record. Splitting can resume there. */
  readonly end: number
  /** True when the record is longer than `maxBytes`; `bytes` is then its beginning. */
  readonly truncated: boolean
}

/** Takes the chunks of a stream in order. Only white space, commas and the brackets of the container belong to no record. */
export interface Splitter {
  /** The records that end in this chunk. */
  push(chunk: Buffer): readonly SplitRecord[]
  /** The record that the end of the stream ends, if there is one. */
  finish(): readonly SplitRecord[]
}

/** `lines`: NDJSON. `values`: JSON values one after another, each over any number of lines. `elements`: the inside of an array. */
export type Layout = 'lines' | 'values' | 'elements'

const [quote, backslash, newline, comma] = [34, 92, 10, 44]
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93]

const isOpening = (byte: number): boolean => byte === openBrace || byte === openBracket
const isClosing = (byte: number): boolean => byte === closeBrace || byte === closeBracket
/** White space, or a byte of a UTF-8 byte order mark or no-break space. */
const isBlank = (byte: number): boolean =>
  byte <= 32 || byte === 0xc2 || byte === 0xa0 || byte === 0xef || byte === 0xbb || byte === 0xbf

/** Detects the layout by the beginning of a stream, and where its records begin. `head` has at least the first line, or 64 kB. */
export function detectLayout(head: Buffer): { readonly layout: Layout; readonly start: number } {
  const text = head.toString('latin1')
  const container = /^(?:\u00ef\u00bb\u00bf)?\s*(?:\[|\{\s*"tickets"\s*:\s*\[)/.exec(text)
  if (container) return { layout: 'elements', start: container[0].length }
  const lineEnd = text.indexOf('\n')
  const line = text.slice(0, lineEnd === -1 ? undefined : lineEnd).replace(/^\u00ef\u00bb\u00bf/, '')
  const isObject = /^\s*\{.*\}[\s,\u00c2\u00a0]*$/.test(line) && isSingleValue(line)
  return { layout: isObject ? 'lines' : 'values', start: 0 }
}

function isSingleValue(line: string): boolean {
  const splitter = createSplitter('values', { maxBytes: line.length + 1, offset: 0 })
  return splitter.push(Buffer.from(line, 'latin1')).length === 1
}

export interface SplitterOptions {
  /** A longer record is truncated. */
  readonly maxBytes: number
  /** The offset of the first chunk in the stream. */
  readonly offset: number
}

export function createSplitter(layout: Layout, options: SplitterOptions): Splitter {
  return layout === 'lines' ? new LineSplitter(options) : new ValueSplitter(options)
}

/** Collects the bytes of one record over several chunks, up to a limit. */
class RecordBuffer {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #size = 0
  #truncated = false
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(part: Buffer): void {
    const free = this.#maxBytes - this.#size
    if (part.length > free) this.#truncated = true
    const accepted = part.subarray(0, Math.max(0, free))
    this.#parts.push(accepted)
    this.#size += accepted.length
  }

  /** Returns the record and empties the buffer. */
  flush(end: number): SplitRecord {
    const record = { bytes: Buffer.concat(this.#parts, this.#size), end, truncated: this.#truncated }
    this.#parts = []
    this.#size = 0
    this.#truncated = false
    return record
  }
}

class LineSplitter implements Splitter {
  readonly #line: RecordBuffer
  #offset: number
  constructor({ maxBytes, offset }: SplitterOptions) {
    this.#line = new RecordBuffer(maxBytes)
    this.#offset = offset
  }

  push(chunk: Buffer): readonly SplitRecord[] {
    const records: SplitRecord[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#line.add(chunk.subarray(start, end))
      this.#emit(this.#offset + end + 1, records)
      start = end + 1
    }
    this.#line.add(chunk.subarray(start))
    this.#offset += chunk.length
    return records
  }

  finish(): readonly SplitRecord[] {
    const records: SplitRecord[] = []
    this.#emit(this.#offset, records)
    return records
  }

  #emit(end: number, records: SplitRecord[]): void {
    const record = this.#line.flush(end)
    if (!record.bytes.every(isBlank)) records.push(record)
  }
}

/** Scans bytes: `between` values, in a `nested` value (with brackets), or in a `plain` one (without). */
class ValueSplitter implements Splitter {
  readonly #value: RecordBuffer
  #offset: number
  #state: 'between' | 'nested' | 'plain' = 'between'
  #depth = 0
  #inString = false
  #escaped = false
  constructor({ maxBytes, offset }: SplitterOptions) {
    this.#value = new RecordBuffer(maxBytes)
    this.#offset = offset
  }

  push(chunk: Buffer): readonly SplitRecord[] {
    const records: SplitRecord[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (this.#state === 'between') {
        if (!this.#startsValue(byte)) continue
        start = at
      }
      const ending = this.#state === 'nested' ? this.#scanNested(byte) : this.#scanPlain(byte)
      if (ending === 'none') continue
      this.#value.add(chunk.subarray(start, ending === 'after' ? at + 1 : at))
      records.push(this.#value.flush(this.#offset + at + 1))
      this.#state = 'between'
    }
    if (this.#state !== 'between') this.#value.add(chunk.subarray(start))
    this.#offset += chunk.length
    return records
  }

  finish(): readonly SplitRecord[] {
    return this.#state === 'between' ? [] : [this.#value.flush(this.#offset)]
  }

  #startsValue(byte: number): boolean {
    if (isBlank(byte) || byte === comma || isClosing(byte)) return false
    this.#state = isOpening(byte) ? 'nested' : 'plain'
    this.#depth = 0
    this.#inString = false
    this.#escaped = false
    return true
  }

  /** True for a byte that belongs to a string, its quotes included. */
  #scanString(byte: number): boolean {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash && this.#inString) this.#escaped = true
    else if (byte === quote) this.#inString = !this.#inString
    else return this.#inString
    return true
  }

  #scanNested(byte: number): 'none' | 'after' {
    if (this.#scanString(byte)) return 'none'
    if (isOpening(byte)) this.#depth += 1
    else if (isClosing(byte)) this.#depth -= 1
    return this.#depth === 0 ? 'after' : 'none'
  }

  /** A value without brackets, or text that is not JSON, ends before a comma, a closing bracket or the end of the line. */
  #scanPlain(byte: number): 'none' | 'before' {
    if (byte !== newline && this.#scanString(byte)) return 'none'
    return byte === comma || byte === newline || isClosing(byte) ? 'before' : 'none'
  }
}
