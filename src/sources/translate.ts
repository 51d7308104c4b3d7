import { resolveFiles, resolveLinks, resolveMessages, resolveUrl } from '../domain/formats.ts'
import { encodeId } from '../domain/ids.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import { createTicketView, type TicketReaders } from '../domain/ticket-view.ts'
import type { MappedFields } from './mapped-ticket.ts'
import type { AddMirrors } from './mirrors.ts'
import type { Origin } from './source.ts'
import type { SourceTable } from './source-table.ts'
import { createParts, type TicketParts } from './ticket-parts.ts'

// From a vendor's decoded record to a ticket. A mapping is a table from each field of the model to how it is read from a record. A field is
// read when it is asked for.

/** What the fields of a ticket are read with, beside its record. The tickets of one answer share it. */
export interface ReadContext {
  readonly origin: Origin
  readonly parts: TicketParts
  /** The ticket comes from a list that omits the source's `lazyFields`. */
  readonly isSummary: boolean
}

/**
 * How each field of a ticket is read from a vendor's record (`raw`: the record as it came). All other fields are null: the compiler compares
 * the fields with the source's table. Pure; none throws.
 */
export type FieldReaders<Wire, Table extends Pick<SourceTable, 'fields'>> = {
  readonly [Field in keyof MappedFields<Table> | 'raw']: (wire: Wire, context: ReadContext) => Ticket[Field]
} & {
  /** For a source whose lists are complete. Absent: tickets of lists are summaries. */
  readonly isSummary?: () => false
}

/** How one vendor's tickets are read. Pure. */
export interface Mapping<Wire> {
  readonly fields: TicketReaders<Wire, ReadContext>
  /**
   * The values that the model has no word for, beside UNKNOWN as status, priority or channel. They are counted when their field is
   * read.
   */
  readonly unknown?: UnknownValues<Wire>
}

/** By the field that is read: what the metric calls the value; null: the model has a word for it. */
export type UnknownValues<Wire> = {
  readonly [Field in keyof Ticket]?: (value: Ticket[Field], wire: Wire) => string | null
}

/** The mapping of a source, checked against its table. */
export function defineMapping<Wire, Table extends Pick<SourceTable, 'fields'>>(
  fields: FieldReaders<Wire, Table>,
  unknown: UnknownValues<Wire> = {},
): Mapping<Wire> {
  return { fields, unknown }
}

/** Gives a record the form of a ticket. `isSummary`: it comes from a list that omits the source's `lazyFields`. */
export type Translate<Wire> = (wire: Wire, origin: Origin, isSummary: boolean) => Ticket

export interface TranslateOptions<Wire> {
  readonly mapping: Mapping<Wire>
  /** The key of the source. */
  readonly key: string
  /** What relative URLs are resolved against. */
  readonly baseUrl: string
  readonly addMirrors?: AddMirrors | undefined
  readonly metrics: Metrics
}

export function createTranslate<Wire extends { readonly id: string }>(options: TranslateOptions<Wire>): Translate<Wire> {
  const { mapping, baseUrl } = options
  const view = createTicketView<Wire, TicketContext>({
    isSummary: (_, { isSummary }) => isSummary,
    ...counting(resolving(mirrored(mapping.fields, options.addMirrors), baseUrl), options),
    id: ({ id }, { origin }) => encodeId('ticket', origin.source.key, origin.tenant, id),
    source: (_, { origin }) => origin.source,
    tenant: (_, { origin }) => origin.tenant,
    externalId: ({ id }) => id,
    freshness: (_, { freshness }) => freshness,
  })
  let last: TicketContext | undefined
  return (wire, origin, isSummary) => {
    if (last?.origin !== origin || last.isSummary !== isSummary) last = toContext(origin, isSummary)
    return view(wire, last)
  }
}

interface TicketContext extends ReadContext {
  readonly freshness: Ticket['freshness']
}

function toContext(origin: Origin, isSummary: boolean): TicketContext {
  const { source, observedAt } = origin
  const freshness = { mode: source.mode === 'PULL' ? 'LIVE' : 'EVENT_FED', observedAt } as const
  return { origin, parts: createParts(origin), isSummary, freshness }
}

type Readers<Wire> = TicketReaders<Wire, ReadContext>

function mirrored<Wire>(fields: Readers<Wire>, addMirrors: AddMirrors | undefined): Readers<Wire> {
  const { links, number, customFields } = fields
  if (!addMirrors || !links) return fields
  return {
    ...fields,
    links: (wire, context) =>
      addMirrors(links(wire, context), {
        number: number?.(wire, context) ?? null,
        customFields: customFields?.(wire, context) ?? null,
      }),
  }
}

function resolving<Wire>(fields: Readers<Wire>, base: string): Readers<Wire> {
  const { url, links, attachments, messages } = fields
  type Read<Value> = ((wire: Wire, context: ReadContext) => Value) | undefined
  const resolved = <Value>(read: Read<Value>, resolve: (value: Value, base: string) => Value): Read<Value> =>
    read && ((wire, context) => resolve(read(wire, context), base))
  return {
    ...fields,
    url: resolved(url, resolveUrl),
    links: resolved(links, resolveLinks),
    attachments: resolved(attachments, resolveFiles),
    messages: resolved(messages, resolveMessages),
  }
}

/** Where the model has UNKNOWN. */
const usual = {
  status: (value) => (value === 'UNKNOWN' ? 'status' : null),
  priority: (value) => (value === 'UNKNOWN' ? 'priority' : null),
  channel: (value) => (value === 'UNKNOWN' ? 'channel' : null),
} as const satisfies UnknownValues<unknown>

type AnyReader<Wire> = (wire: Wire, context: ReadContext) => unknown

function counting<Wire>(fields: Readers<Wire>, { mapping, key, metrics }: TranslateOptions<Wire>): Readers<Wire> {
  const rules = Object.entries({ ...usual, ...mapping.unknown }) as [
    keyof Ticket,
    (value: unknown, wire: Wire) => string | null,
  ][]
  const counted = rules.flatMap(([field, toLabel]): [string, AnyReader<Wire>][] => {
    const read = fields[field] as AnyReader<Wire> | undefined
    if (!read) return []
    const readAndCount: AnyReader<Wire> = (wire, context) => {
      const value = read(wire, context)
      const label = toLabel(value, wire)
      if (label !== null) metrics.count('unknown_values_total', { source: key, field: label })
      return value
    }
    return [[field, readAndCount]]
  })
  return { ...fields, ...Object.fromEntries(counted) }
}
