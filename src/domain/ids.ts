import { isUtf8 } from 'node:buffer'

/**
 * What a global id names. One letter each, because ids travel with every object.
 * Agents, orders and journal entries have ids so that clients can cache them; `node` does not resolve those.
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
} as const
export type EntityKind = keyof typeof entityKinds

/** The name of one thing in one source. `tenant` is '' where a source has none; ids are unique only within it. */
export interface EntityRef {
  readonly kind: EntityKind
  readonly sourceKey: string
  readonly tenant: string
  readonly externalId: string
}

const kindOfLetter = new Map<string, EntityKind>(
  Object.entries(entityKinds).map(([kind, letter]) => [letter, kind as EntityKind]),
)
const separator = '\u0000'

/** The global id of a thing: opaque to clients, stable, the same for the same reference. */
export function encodeId(kind: EntityKind, sourceKey: string, tenant: string, externalId: string): string {
  const latest = latestOf[kind]
  const group = latest.sourceKey === sourceKey && latest.tenant === tenant ? latest : groupOf(kind, sourceKey, tenant)
  const known = group.ids.get(externalId)
  if (known !== undefined) return known
  const id = toBase64(group.prefix + externalId)
  group.ids.set(externalId, id)
  if (++remembered > mostRemembered) forgetAll()
  return id
}

// Every ticket carries some seven ids, and the same tickets, agents, vendors and links come again with every page: looking an id
// up takes a fifth of the time of making it, which was as much as parsing the page.
interface Group {
  readonly sourceKey: string
  readonly tenant: string
  /** What stands before the external id. */
  readonly prefix: string
  readonly ids: Map<string, string>
}

const mostRemembered = 50_000
let remembered = 0
const groups = new Map<string, Group>()
/** No source's: keys hold no separator. */
const none: Group = { sourceKey: separator, tenant: '', prefix: '', ids: new Map() }
/** A page is of one source: the group is nearly always the one before. */
let latestOf = noneOfAnyKind()

function noneOfAnyKind(): Record<EntityKind, Group> {
  return Object.fromEntries(Object.keys(entityKinds).map((kind) => [kind, none])) as Record<EntityKind, Group>
}

function groupOf(kind: EntityKind, sourceKey: string, tenant: string): Group {
  const prefix = entityKinds[kind] + sourceKey + separator + tenant + separator
  const group = groups.get(prefix) ?? { sourceKey, tenant, prefix, ids: new Map() }
  groups.set(prefix, group)
  latestOf[kind] = group
  return group
}

function forgetAll(): void {
  groups.clear()
  latestOf = noneOfAnyKind()
  remembered = 0
}

function toBase64(plain: string): string {
  return Buffer.from(plain, 'utf8').toString('base64url')
}

/**
 * What a global id names, or null when it is not one of ours: unknown kind, missing part, or any text
 * that `encodeId` would not have written.
 */
export function decodeId(id: string): EntityRef | null {
  const bytes = Buffer.from(id, 'base64url')
  const plain = bytes.toString('utf8')
  const kind = kindOfLetter.get(plain.charAt(0))
  const behindSource = plain.indexOf(separator)
  const behindTenant = behindSource < 0 ? -1 : plain.indexOf(separator, behindSource + 1)
  if (!kind || behindTenant < 0 || behindTenant === plain.length - 1) return null
  // Not by encodeId: what strangers send is not remembered.
  if (!isUtf8(bytes) || bytes.toString('base64url') !== id) return null
  return {
    kind,
    sourceKey: plain.slice(1, behindSource),
    tenant: plain.slice(behindSource + 1, behindTenant),
    externalId: plain.slice(behindTenant + 1),
  }
}
