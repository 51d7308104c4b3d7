import { base64url, shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import { isExternalId } from '../../domain/ids.ts'
import { toEpochMs, toInstant } from '../../domain/instant.ts'
import type { TicketKey } from '../../sources/pagination/list-point.ts'
import type { OrderValue } from '../../sources/pagination/ticket-order.ts'
import { tieLength } from './offset-cursor.ts'
import { notACursor, ofAnotherList, toBody } from './page-cursor.ts'
import type { PositionHint, TicketPlace } from './ticket-iterator.ts'

// The short cursor of one edge. In an aligned page the position of every source follows from the edge's key, so that the cursor needs
// no position: it has the key, what tells the ticket from those with the same key, and one number for each source.
//
//   checksum(6) format(1) listHash(5) kinds(1) value(0, 1 or 8) source(3) place(…) sources(2) hints(1 to 5 each)
//
// All parts are text in the alphabet of base64url. docs/decisions/0010-edge-cursors.md has the reasons.

/** An edge cursor has fewer characters than this. */
const maxLength = 80
/** The seventh character of every edge cursor. Page cursors have the W of base64url('[') there, and version 1 had an e. */
const format = '1'

/** What an edge cursor says. */
export interface EdgePoint {
  readonly value: OrderValue
  /** The source of the ticket, as `toSourceHash` writes it. */
  readonly sourceHash: string
  readonly place: TicketPlace
  /** The sources of the list that the hints belong to, as `toSourcesHash` writes them. */
  readonly sourcesHash: string
  /** One for each source, in the order of their keys. */
  readonly hints: readonly PositionHint[]
}

export function isEdgeCursor(cursor: string): boolean {
  return cursor.length < maxLength && cursor[shortHashLength] === format
}

const sourceHashLength = 3
export function toSourceHash(sourceKey: string): string {
  return shortHash(sourceKey).slice(0, sourceHashLength)
}

const sourcesHashLength = 2
export function toSourcesHash(sortedKeys: readonly string[]): string {
  return shortHash(sortedKeys.join('\n')).slice(0, sourcesHashLength)
}

const listHashLength = 5

/** The edge cursor, with its sources and hints as text (`encodeHint`); null: it does not fit. */
export function encodeEdgeCursor(
  listHash: string,
  { value, sourceHash, place }: Pick<EdgePoint, 'value' | 'sourceHash' | 'place'>,
  sourcesAndHints: string,
): string | null {
  const ms = value === null || value.length === 1 ? 0 : toEpochMs(value) - epoch
  if (ms < 0 || ms > maxTime) return null
  const [placeKind, placeText] = encodePlace(place)
  const valueKind = value === null ? 'NONE' : value.length === 1 ? 'PRIORITY' : 'TIME'
  const valueText = valueKind === 'TIME' ? encodeNumber(ms, timeLength) : (value ?? '')
  const kinds = base64url[valueKinds.indexOf(valueKind) * placeKinds.length + placeKinds.indexOf(placeKind)]!
  const body = format + listHash.slice(0, listHashLength) + kinds + valueText + sourceHash + placeText + sourcesAndHints
  return body.length + shortHashLength < maxLength ? shortHash(body) + body : null
}

/** Throws BAD_USER_INPUT for every text that `encodeEdgeCursor` did not write for this list. */
export function decodeEdgeCursor(cursor: string, listHash: string): EdgePoint {
  const reader = new Reader(toBody(cursor).slice(format.length))
  if (reader.take(listHashLength) !== listHash.slice(0, listHashLength)) throw ofAnotherList()
  const kinds = reader.kinds()
  return {
    value: reader.value(kinds.value),
    sourceHash: reader.take(sourceHashLength),
    place: reader.place(kinds.place),
    sourcesHash: reader.take(sourcesHashLength),
    hints: reader.hints(),
  }
}

const valueKinds = ['NONE', 'TIME', 'PRIORITY'] as const
/** KEY: tenant and id. PREFIXED: the id begins with the tenant. */
const placeKinds = ['TIES', 'KEY', 'PREFIXED', 'UUID'] as const

/** The year 1, so that no number of the usual times is negative. */
const epoch = toEpochMs('0001-01-01T00:00:00.000Z')
/** The last time that 48 bits hold: in the year 8920. A time outside has no edge cursor. */
const maxTime = 2 ** 48 - 1
const timeLength = 8

function encodePlace(place: TicketPlace): readonly [kind: (typeof placeKinds)[number], text: string] {
  if (place.kind === 'ties') {
    const { last, others } = place.ties
    return ['TIES', last + encodeNatural(others.length / tieLength) + others]
  }
  const { tenant, externalId } = place.key
  if (uuid.test(externalId)) return ['UUID', encodeText(tenant) + toUuidText(externalId)]
  if (tenant !== '' && externalId.startsWith(tenant)) return ['PREFIXED', encodeNatural(tenant.length) + encodeText(externalId)]
  return ['KEY', encodeText(tenant) + encodeText(externalId)]
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** A UUID has 16 bytes. */
const uuidLength = 22

function toUuidText(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
}

function fromUuidText(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** Its length, doubled, and the text itself; plus 1 where its characters need base64url. */
function encodeText(text: string): string {
  if (/^[\w-]*$/.test(text)) return encodeNatural(text.length * 2) + text
  const encoded = Buffer.from(text).toString('base64url')
  return encodeNatural(encoded.length * 2 + 1) + encoded
}

/** An even number is an offset. An odd one is an exhausted list with its count. */
export function encodeHint(hint: PositionHint): string {
  if (hint.kind === 'active') return encodeNatural(hint.offset * 2)
  return encodeNatural(hint.totalCount === null ? 1 : hint.totalCount * 2 + 3)
}

function toHint(value: number): PositionHint {
  if (value % 2 === 0) return { kind: 'active', offset: value / 2 }
  return { kind: 'exhausted', totalCount: value === 1 ? null : (value - 3) / 2 }
}

/** Five bits in each character, the lowest first. The sixth bit says that another character follows. */
function encodeNatural(value: number): string {
  let text = ''
  let rest = value
  for (; rest > 31; rest = Math.floor(rest / 32)) text += base64url[(rest % 32) + 32]!
  return text + base64url[rest]!
}

/** Six bits in each character, the highest first. */
function encodeNumber(value: number, length: number): string {
  let text = ''
  for (let i = 0, rest = value; i < length; i++, rest = Math.floor(rest / 64)) text = base64url[rest % 64]! + text
  return text
}

/** Reads the parts of a cursor in their order. Throws BAD_USER_INPUT where a part is missing or is not what its encoder writes. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  take(length: number): string {
    const part = this.#text.slice(this.#at, this.#at + length)
    if (part.length < length) throw notACursor()
    this.#at += length
    return part
  }

  kinds() {
    const digit = this.#digit()
    const value = valueKinds[Math.floor(digit / placeKinds.length)]
    if (value === undefined) throw notACursor()
    return { value, place: placeKinds[digit % placeKinds.length]! }
  }

  value(kind: (typeof valueKinds)[number]): OrderValue {
    if (kind === 'NONE') return null
    if (kind === 'PRIORITY') return this.take(1)
    let ms = 0
    for (let i = 0; i < timeLength; i++) ms = ms * 64 + this.#digit()
    return toInstant(ms + epoch)
  }

  place(kind: (typeof placeKinds)[number]): TicketPlace {
    if (kind !== 'TIES') return { kind: 'key', key: this.#key(kind) }
    const last = this.take(shortHashLength)
    return { kind: 'ties', ties: { last, others: this.take(this.#natural() * tieLength) } }
  }

  hints(): readonly PositionHint[] {
    const hints: PositionHint[] = []
    while (this.#at < this.#text.length) hints.push(toHint(this.#natural()))
    return hints
  }

  #key(kind: (typeof placeKinds)[number]): TicketKey {
    const prefixLength = kind === 'PREFIXED' ? this.#natural() : 0
    const tenant = kind === 'PREFIXED' ? '' : this.#textPart()
    const externalId = kind === 'UUID' ? fromUuidText(this.take(uuidLength)) : this.#textPart()
    const key = { tenant: tenant || externalId.slice(0, prefixLength), externalId }
    if (!isExternalId(externalId) || /\p{Cc}/u.test(key.tenant)) throw notACursor()
    return key
  }

  #textPart(): string {
    const length = this.#natural()
    const text = this.take(Math.floor(length / 2))
    return length % 2 === 0 ? text : Buffer.from(text, 'base64url').toString('utf8')
  }

  #natural(): number {
    let value = 0
    for (let factor = 1; factor <= 32 ** 6; factor *= 32) {
      const digit = this.#digit()
      value += (digit % 32) * factor
      if (digit < 32) return value
    }
    throw notACursor()
  }

  #digit(): number {
    const digit = base64url.indexOf(this.take(1))
    if (digit < 0) throw notACursor()
    return digit
  }
}
