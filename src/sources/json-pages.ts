import { createSplitter, type Layout, type SplitRecord } from './json-splitter.ts'

// Exports often come as pages: an object with a list of records and other keys beside it, such as `{"count": 2, "tickets": […],
// "next_page": null}`. Which list has the records is decided by one rule, for webhooks and for files of any size.

/** A part of a stream, from its first byte to behind its last one. */
export interface Part {
  readonly start: number
  readonly end: number
}

/**
 * Finds the lists of records in an object, which is scanned in chunks. A list has records when its key is `tickets`, or when one of its
 * elements is an object with the key `recordKey`. It may stand in up to two wrapper objects (`{"response": {"data": {"tickets": []}}}`).
 * An object that has `recordKey` itself is a record, and its lists belong to it. Text that is not JSON is scanned all the same.
 */
export class PageScanner {
  readonly #recordKey: string
  readonly #frames: Frame[] = []
  /** In order: lists of records do not contain each other. */
  readonly #found: Part[] = []
  #offset: number
  /** The levels of nesting below the frames, which are not looked at. */
  #deeper = 0
  #inString = false
  #escaped = false
  /** The beginning of the last string, which is a key when a colon follows. */
  #text: number[] = []
  #isRecord = false

  /** `offset`: of the first chunk in the stream. */
  constructor(recordKey: string, offset: number) {
    this.#recordKey = recordKey
    this.#offset = offset
  }

  /** False when it needs no further chunk: the object is a record. */
  push(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length && !this.#isRecord; at += 1) this.#scan(chunk[at] as number, this.#offset + at)
    this.#offset += chunk.length
    return !this.#isRecord
  }

  /** The insides of the lists, in order; null: the object has none, so it is not a page. A list that does not end ends with the stream. */
  finish(): readonly Part[] | null {
    this.#deeper = 0
    while (this.#frames.length > 0) this.#close(this.#offset)
    if (this.#isRecord || this.#found.length === 0) return null
    return this.#found
  }

  #scan(byte: number, at: number): void {
    if (this.#inString) this.#scanString(byte)
    else if (byte === quote) {
      this.#inString = true
      this.#text = []
    } else if (byte === colon) this.#nameKey()
    else if (byte === openBrace || byte === openBracket) this.#open(byte === openBracket, at + 1)
    else if (byte === closeBrace || byte === closeBracket) this.#close(at)
  }

  #scanString(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash) this.#escaped = true
    else if (byte === quote) this.#inString = false
    else if (this.#text.length < maxKeyLength) this.#text.push(byte)
  }

  #nameKey(): void {
    const frame = this.#frames.at(-1)
    if (!frame || this.#deeper > 0) return
    frame.key = Buffer.from(this.#text).toString('utf8')
    if (frame.key !== this.#recordKey) return
    if (this.#frames.length === 1) this.#isRecord = true
    const list = this.#frames.at(-2)
    if (list?.isList) list.hasRecords = true
  }

  #open(isList: boolean, start: number): void {
    const parent = this.#frames.at(-1)
    const isWrapper = !isList && this.#frames.length < maxWrappers && (parent?.isWrapper ?? true)
    const isPageList = isList && parent?.isWrapper === true
    // Below a list only the keys of its elements are looked at.
    if (this.#deeper > 0 || !(isWrapper || isPageList || parent?.isList)) this.#deeper += 1
    else
      this.#frames.push({ isWrapper, isList: isPageList, start, key: null, hasRecords: isPageList && parent.key === recordsKey })
  }

  #close(end: number): void {
    if (this.#deeper > 0) this.#deeper -= 1
    else {
      const frame = this.#frames.pop()
      if (frame?.isList && frame.hasRecords) this.#found.push({ start: frame.start, end })
    }
  }
}

interface Frame {
  /** True for the page and the wrapper objects in it. */
  readonly isWrapper: boolean
  /** True for a list of a wrapper. */
  readonly isList: boolean
  readonly start: number
  /** The key whose value is read. */
  key: string | null
  hasRecords: boolean
}

const recordsKey = 'tickets'
/** The page and two wrappers in it. */
const maxWrappers = 3
const maxKeyLength = 64
const [quote, backslash, colon] = [34, 92, 58]
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93]
const space = 32
/** A line may begin with a byte order mark or a no-break space. */
const ignoredBytes = [0xef, 0xbb, 0xbf, 0xc2, 0xa0]

/** What a value is by its first bytes. */
export function kindOf({ bytes }: SplitRecord): 'object' | 'list' | 'other' {
  const first = bytes[indexOfFirst(bytes)]
  if (first === openBrace) return 'object'
  return first === openBracket ? 'list' : 'other'
}

/** The inside of a value that is a list. */
export function insideOf({ bytes, start, end }: SplitRecord): Part {
  return { start: start + indexOfFirst(bytes) + 1, end }
}

function indexOfFirst(bytes: Buffer): number {
  return bytes.findIndex((byte) => byte > space && !ignoredBytes.includes(byte))
}

/** The insides of the lists of a complete value, with their places in the stream; null: the value is a record. */
export function findLists(value: SplitRecord, recordKey: string): readonly Part[] | null {
  const kind = kindOf(value)
  if (kind !== 'object') return kind === 'list' ? [insideOf(value)] : null
  const scanner = new PageScanner(recordKey, value.start)
  scanner.push(value.bytes)
  return scanner.finish()
}

/** The records of the inside of a list, of which `bytes` begin at `start` in the stream. */
export function splitList(bytes: Buffer, start: number, maxBytes: number): readonly SplitRecord[] {
  const splitter = createSplitter('elements', { maxBytes, offset: start })
  return [...splitter.push(bytes), ...splitter.finish()]
}

/**
 * The bytes of the records in a body: of the values in it, and of the lists of those that are pages. A list of pages is split too.
 * A body without a record is one record, unless it is JSON: then it has empty lists only.
 */
export function splitRecords(body: Buffer, layout: Layout, recordKey: string): readonly Buffer[] {
  const maxBytes = Math.max(body.length, 1)
  const splitter = createSplitter(layout, { maxBytes, offset: 0 })
  const values = [...splitter.push(body), ...splitter.finish()]
  const records = values.flatMap((value) => {
    const lists = findLists(value, recordKey)
    return lists === null ? [value] : lists.flatMap(({ start, end }) => splitList(body.subarray(start, end), start, maxBytes))
  })
  return records.length > 0 || isJson(body) ? records.map(({ bytes }) => bytes) : [body]
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''))
    return true
  } catch {
    return false
  }
}
