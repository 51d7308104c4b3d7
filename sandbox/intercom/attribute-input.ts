import { asObject } from './endpoint.ts'
import { invalid, mismatched, Refusal } from './errors.ts'
import type { Attachment, Attribute, AttributeValue, TicketType } from './records.ts'

/**
 * The attributes that a request sets, by their names. An unknown name, a value of the wrong kind and a word that is not in the list are
 * refused. Null empties an attribute.
 */
export function readAttributes(type: TicketType, given: unknown): Readonly<Record<string, AttributeValue>> {
  if (given === undefined) return {}
  const values = asObject(given)
  if (!values) throw new Refusal(mismatched('ticket_attributes'))
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const attribute = type.attributes.find((one) => one.name === name)
      if (!attribute) throw new Refusal(invalid(`Ticket attribute ${name} does not exist`, name))
      return [name, value === null ? null : readValue(attribute, value)]
    }),
  )
}

/** Refuses a new ticket without an attribute that its type wants. */
export function requireAttributes(type: TicketType, values: Readonly<Record<string, AttributeValue>>): void {
  const isMissing = type.attributes.some(({ name, isRequired }) => isRequired && (values[name] ?? '') === '')
  if (isMissing) throw new Refusal(invalid('Missing required ticket attributes'))
}

function readValue({ name, dataType, choices }: Attribute, value: unknown): AttributeValue {
  switch (dataType) {
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'list':
      if (typeof value === 'string' && choices.includes(value)) return value
      throw new Refusal(invalid(`${String(value)} is not a value of ${name}`, name))
    case 'integer':
      if (Number.isSafeInteger(value)) return value as number
      break
    case 'decimal':
      if (typeof value === 'number') return value
      break
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'datetime':
      return readTime(name, value)
    default:
      if (Array.isArray(value)) return readUrls(value, name)
  }
  throw new Refusal(mismatched(name))
}

/** Seconds since 1970, also of a time in ISO 8601. */
function readTime(name: string, value: unknown): number {
  const seconds = typeof value === 'string' ? Math.floor(Date.parse(value) / 1000) : value
  if (!Number.isSafeInteger(seconds)) throw new Refusal(mismatched(name))
  return seconds as number
}

const maxFiles = 10

/** Files that lie elsewhere. Their addresses are kept: the workspace makes no copies. */
export function readUrls(given: unknown, field = 'attachment_urls'): readonly Attachment[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw new Refusal(mismatched(field))
  if (given.length > maxFiles) throw new Refusal(invalid(`At most ${maxFiles} files`, field))
  return given.map((url, index) => {
    if (typeof url !== 'string' || !URL.canParse(url)) throw new Refusal(invalid('Not an address', field))
    const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '') || `file-${index + 1}`
    return { id: `${field}-${index}`, name, contentType: typeByEnding[name.split('.').at(-1) ?? ''] ?? 'image/png', url }
  })
}

const typeByEnding: Readonly<Record<string, string>> = {
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', pdf: 'application/pdf' },
}
