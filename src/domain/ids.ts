import { isUtf8 } from 'node:buffer'

/**
 * What a global id names, and its letter in the id. Agents, groups, organizations, orders and attachments have ids so that clients can
 * cache them; `node` does not resolve those.
 */
export const entityKinds = {
  ticket: 'T',
  customer: 'C',
  vendor: 'V',
  source: 'S',
  message: 'M',
  delivery: 'D',
  deadLetter: 'Q',
  agent: 'A',
  order: 'O',
  event: 'E',
  group: 'G',
  organization: 'N',
  attachment: 'F',
} as const
export type EntityKind = keyof typeof entityKinds

/** One entity of one source. */
export interface EntityRef {
  readonly kind: EntityKind
  readonly sourceKey: string
  /** External ids are unique within a tenant. '' where a source has no tenants. */
  readonly tenant: string
  readonly externalId: string
}

const kindOfLetter = new Map<string, EntityKind>(
  Object.entries(entityKinds).map(([kind, letter]) => [letter, kind as EntityKind]),
)
const separator = '\u0000'

/** The global id of an entity: opaque to clients, and the same for the same reference in every process. */
export function encodeId(kind: EntityKind, sourceKey: string, tenant: string, externalId: string): string {
  const plain = entityKinds[kind] + sourceKey + separator + tenant + separator + externalId
  return Buffer.from(plain, 'utf8').toString('base64url')
}

/** The reference in a global id. null: the text is not a global id, or not the spelling that `encodeId` writes. */
export function decodeId(id: string): EntityRef | null {
  const bytes = Buffer.from(id, 'base64url')
  const plain = bytes.toString('utf8')
  const kind = kindOfLetter.get(plain.charAt(0))
  const sourceEnd = plain.indexOf(separator)
  const tenantEnd = sourceEnd < 0 ? -1 : plain.indexOf(separator, sourceEnd + 1)
  if (!kind || tenantEnd < 0 || tenantEnd === plain.length - 1) return null
  if (!isUtf8(bytes) || bytes.toString('base64url') !== id) return null
  return {
    kind,
    sourceKey: plain.slice(1, sourceEnd),
    tenant: plain.slice(sourceEnd + 1, tenantEnd),
    externalId: plain.slice(tenantEnd + 1),
  }
}

/** 1 to 256 characters, of which one is visible; no control character, no character that could change a path, no half of a surrogate pair. */
const externalId = /^(?!\s+$)[^\p{Cc}\p{Cs}\ufffd/\\?#%]{1,256}$/u

/**
 * The rule for the external id of every ticket (DECISION-08). Another id is refused from a client, and a record that has one is
 * dropped, so that the graph never gives an id that it then refuses. U+FFFD is what a decoder leaves of invalid bytes: two ids could
 * end as one.
 */
export function isExternalId(text: string): boolean {
  return externalId.test(text) && text !== '.' && text !== '..'
}
