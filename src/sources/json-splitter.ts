// Splits a stream of JSON records, of any size, in constant memory. It is own code because an import reads files of gigabytes and
// resumes after any record: it needs the raw bytes of each record with their offset, also of records that are not JSON, which
// become dead letters. Streaming parsers build values, lose the bytes, and stop at the first fault.

/** The bytes of one record, and where it is. */
export interface SplitRecord {
  readonly bytes: Buffer
  /** The offset in the stream of its first byte. */
  readonly start: number
  /** The offset in the stream behind the record. Splitting can resume there, with `next` as its layout. */
  readonly end: number
  readonly next: Layout
  /** True when the record is longer than `maxBytes`; `bytes` is then its beginning. */
  readonly truncated: boolean
}

/** Takes the chunks of a stream in order. Only white space, commas and the brackets of lists belong to no record. */
export interface Splitter {
  /** The records that end in this chunk. */
  push(chunk: Buffer): readonly SplitRecord[]
  /** The record that the end of the stream ends, if there is one. */
  finish(): readonly SplitRecord[]
}

/**
 * `lines`: NDJSON. `values`: JSON values one after another, each over any number of lines; of a list each element is a record.
 * `elements`: as `values`, from inside a list.
 */
export type Layout = 'lines' | 'values' | 'elements'

const [quote, backslash, newline, comma] = [34, 92, 10, 44]
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93]

const isOpening = (byte: number): boolean => byte === openBrace || byte === openBracket
const isClosing = (byte: number): boolean => byte === closeBrace || byte === closeBracket
const isBlank = (byte: number): boolean => byte <= 32 || byte === comma
/** What may stand between records besides blanks, in UTF-8: a byte order mark, a no-break space. */
const ignoredSequences = ['\u00ef\u00bb\u00bf', '\u00c2\u00a0']

/** The layout of a stream by its beginning: `lines` when the first line is one object. `head` has at least the first line, or 64 kB. */
export function detectLayout(head: Buffer): Layout {
  const lineEnd = head.indexOf(newline)
  const line = head.subarray(0, lineEnd === -1 ? undefined : lineEnd)
  const splitter = createSplitter('values', { maxBytes: line.length + 1, offset: 0 })
  const values = splitter.push(line)
  const isObject = values.length === 1 && values[0]!.bytes[0] === openBrace && values[0]!.next === 'values'
  return isObject && splitter.finish().length === 0 ? 'lines' : 'values'
}

export interface SplitterOptions {
  /** A longer record is truncated. */
  readonly maxBytes: number
  /** The offset of the first chunk in the stream. */
  readonly offset: number
}

export function createSplitter(layout: Layout, options: SplitterOptions): Splitter {
  return layout === 'lines' ? new LineSplitter(options) : new ValueSplitter(layout, options)
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
  flush(place: Pick<SplitRecord, 'start' | 'end' | 'next'>): SplitRecord {
    const record = { bytes: Buffer.concat(this.#parts, this.#size), ...place, truncated: this.#truncated }
    this.#parts = []
    this.#size = 0
    this.#truncated = false
    return record
  }
}

class LineSplitter implements Splitter {
  readonly #line: RecordBuffer
  #offset: number
  #start: number
  constructor({ maxBytes, offset }: SplitterOptions) {
    this.#line = new RecordBuffer(maxBytes)
    this.#offset = offset
    this.#start = offset
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
    const record = this.#line.flush({ start: this.#start, end, next: 'lines' })
    this.#start = end
    if (!isIgnored(record.bytes)) records.push(record)
  }
}

/** True for a line without a record. */
function isIgnored(line: Buffer): boolean {
  const first = line.find((byte) => !isBlank(byte))
  if (first === undefined || first < 128) return first === undefined
  const text = ignoredSequences.reduce((rest, sequence) => rest.replaceAll(sequence, ''), line.toString('latin1'))
  return Buffer.from(text, 'latin1').every(isBlank)
}

/** Scans bytes: `between` values, in a `nested` value (with brackets), or in a `plain` one (without). */
class ValueSplitter implements Splitter {
  readonly #value: RecordBuffer
  #offset: number
  #start = 0
  #state: 'between' | 'nested' | 'plain' = 'between'
  #inList: boolean
  /** The bytes of a sequence that is ignored when it is complete. */
  #ignored = ''
  #depth = 0
  #inString = false
  #escaped = false
  constructor(layout: Layout, { maxBytes, offset }: SplitterOptions) {
    this.#value = new RecordBuffer(maxBytes)
    this.#offset = offset
    this.#inList = layout === 'elements'
  }

  push(chunk: Buffer): readonly SplitRecord[] {
    const records: SplitRecord[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (this.#state === 'between') {
        if (!this.#startsValue(byte, this.#offset + at)) continue
        start = at
      }
      const ending = this.#state === 'nested' ? this.#scanNested(byte) : this.#scanPlain(byte)
      if (ending === 'none') continue
      const end = ending === 'after' ? at + 1 : at
      this.#value.add(chunk.subarray(start, end))
      records.push(this.#flush(this.#offset + end))
      // What ends a plain value stands behind it: a comma, a bracket or the end of the line.
      if (ending === 'before') at -= 1
    }
    if (this.#state !== 'between') this.#value.add(chunk.subarray(start))
    this.#offset += chunk.length
    return records
  }

  finish(): readonly SplitRecord[] {
    if (this.#state === 'between' && this.#ignored === '') return []
    if (this.#state === 'between') this.#takeIgnored(this.#offset)
    return [this.#flush(this.#offset)]
  }

  #flush(end: number): SplitRecord {
    this.#state = 'between'
    return this.#value.flush({ start: this.#start, end, next: this.#inList ? 'elements' : 'values' })
  }

  #startsValue(byte: number, at: number): boolean {
    if (this.#ignored !== '' || byte > 127) {
      const sequence = this.#ignored + String.fromCharCode(byte)
      if (ignoredSequences.some((ignored) => ignored.startsWith(sequence))) {
        this.#ignored = ignoredSequences.includes(sequence) ? '' : sequence
        return false
      }
    }
    if (this.#ignored !== '') {
      this.#takeIgnored(at)
      return this.#begin('plain')
    }
    if (isBlank(byte)) return false
    if (isClosing(byte) || (byte === openBracket && !this.#inList)) {
      this.#inList = byte === openBracket
      return false
    }
    this.#start = at
    return this.#begin(isOpening(byte) ? 'nested' : 'plain')
  }

  /** The bytes before `at` were no complete sequence: they begin a value. */
  #takeIgnored(at: number): void {
    this.#value.add(Buffer.from(this.#ignored, 'latin1'))
    this.#start = at - this.#ignored.length
    this.#ignored = ''
  }

  #begin(state: 'nested' | 'plain'): true {
    this.#state = state
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
