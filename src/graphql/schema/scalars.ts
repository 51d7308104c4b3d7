import { GraphQLError, GraphQLScalarType, type GraphQLSchema, getNamedType, Kind, type ValueNode } from 'graphql'
import { GraphQLJSON } from 'graphql-scalars'
import { toEmailAddress, toHttpUrl } from '../../domain/formats.ts'
import { readTime } from '../../domain/instant.ts'
import { listFields, resolveOf } from './fields.ts'

interface TextScalar {
  readonly name: string
  readonly description: string
  readonly specifiedByURL: string
  /** Checks and normalises an input. Throws for one that is not valid. */
  parse(text: string): string
}

/** A scalar that is a text. `parse` checks inputs. Outputs are written unchanged: times are instants, `applyFormats` checks the others. */
function textScalar({ name, description, specifiedByURL, parse }: TextScalar) {
  const parseText = (value: unknown, node?: ValueNode): string => {
    try {
      if (typeof value === 'string') return parse(value)
    } catch {
      // The message below does not repeat the value, which may be personal data.
    }
    throw new GraphQLError(`This is not a valid ${name}.`, { nodes: node ?? null })
  }
  return new GraphQLScalarType<string, unknown>({
    name,
    description,
    specifiedByURL,
    serialize: (value) => value,
    parseValue: (value) => parseText(value),
    parseLiteral: (node) => parseText(node.kind === Kind.STRING ? node.value : null, node),
  })
}

function refuse(): never {
  throw new TypeError('not valid')
}

/** An `Instant` of the domain. */
export const DateTime = textScalar({
  name: 'DateTime',
  description:
    'A point in time in RFC 3339 format. Output is always UTC with milliseconds ("2024-02-15T14:46:46.000Z"). Input may have any offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  parse(text) {
    const time = readTime(text)
    return time?.hasOffset ? time.instant : refuse()
  },
})

export const EmailAddress = textScalar({
  name: 'EmailAddress',
  description: 'An e-mail address, e.g. "agent@example.com".',
  specifiedByURL: 'https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address',
  parse: (text) => toEmailAddress(text) ?? refuse(),
})

/** The scalar `URL`. The name `URL` belongs to the platform's class. */
export const UrlText = textScalar({
  name: 'URL',
  description: 'An absolute URL with https or http, e.g. "https://example.com/tickets/1".',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  parse: (text) => (toHttpUrl(text) === null ? refuse() : text),
})

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value: object, array, string, number, boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
})

/** By scalar: what a text has to be. null: it is not. */
const formats = new Map<string, (text: string) => string | null>([
  [UrlText.name, (text) => toHttpUrl(text)],
  [EmailAddress.name, toEmailAddress],
])

/**
 * Makes every field of the scalars `URL` and `EmailAddress` null where its value is not one. It is the only such check: tickets keep
 * what their source wrote, because erasing a customer finds it by that text, and stored ones may be of an earlier version.
 */
export function applyFormats(schema: GraphQLSchema): void {
  for (const { field } of listFields(schema)) {
    const format = formats.get(getNamedType(field.type).name)
    if (!format) continue
    const resolve = resolveOf(field)
    const check = (value: unknown) => (typeof value === 'string' ? format(value) : null)
    field.resolve = (parent, args, context, info) => {
      const value = resolve(parent, args, context, info)
      return value instanceof Promise ? value.then(check) : check(value)
    }
  }
}
