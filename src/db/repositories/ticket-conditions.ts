import { type RawBuilder, sql } from 'kysely'
import { encodeId } from '../../domain/ids.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { TicketFilter } from '../../sources/source.ts'

type Condition = RawBuilder<unknown>

/** The characters that LIKE gives a meaning are looked for as themselves. */
function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}

const among =
  (column: string) =>
  (values: readonly string[]): Condition =>
    sql`${sql.ref(column)} in (select json_array_elements_text(${JSON.stringify(values.map(sanitizeForPostgres))}::json))`

const sharing =
  (column: string) =>
  (values: readonly string[]): Condition =>
    sql`${sql.ref(column)} && array(select json_array_elements_text(${JSON.stringify(values.map(sanitizeForPostgres))}::json))`

type Builders = { readonly [Field in keyof TicketFilter]-?: (value: NonNullable<TicketFilter[Field]>) => Condition }

const builders: Builders = {
  status: among('status'),
  priority: among('priority'),
  channel: among('channel'),
  category: among('category'),
  assignee: (value) => sql`${sanitizeForPostgres(value).toLowerCase()} = any(assignees)`,
  customer: (ref) => sql`customer_id = ${encodeId('customer', ref.sourceKey, ref.tenant, ref.externalId)}`,
  customerEmail: (value) => sql`customer_email = ${sanitizeForPostgres(value).toLowerCase()}`,
  vendor: (ref) => sql`vendor_id = ${encodeId('vendor', ref.sourceKey, ref.tenant, ref.externalId)}`,
  orderId: (value) => sql`${sanitizeForPostgres(value)} = any(order_ids)`,
  tags: sharing('tags'),
  text: (value) => sql`search like ${likePattern(sanitizeForPostgres(value).toLowerCase())}`,
  createdAfter: (at) => sql`created_at > ${at}`,
  createdBefore: (at) => sql`created_at < ${at}`,
  updatedAfter: (at) => sql`updated_at > ${at}`,
  updatedBefore: (at) => sql`updated_at < ${at}`,
}

/** A filter as SQL conditions with bound values; an absent or null field is no condition. */
export function toConditions(sourceKey: string, filter: TicketFilter): readonly Condition[] {
  const conditions: Condition[] = [sql`source_key = ${sourceKey}`, sql`deleted_at is null`]
  for (const [field, value] of Object.entries(filter)) {
    const build = builders[field as keyof TicketFilter] as ((value: unknown) => Condition) | undefined
    if (build && value != null) conditions.push(build(value))
  }
  return conditions
}
