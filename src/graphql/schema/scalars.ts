import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { EmailAddressResolver, GraphQLJSON, URLResolver } from 'graphql-scalars'
import { readTime } from '../../domain/instant.ts'

interface TextScalar {
  readonly name: string
  readonly description: string
  readonly specifiedByURL: string
  /** Checks and normalises an input. Throws for one that is not valid. */
  parse(text: string): string
}

/** A scalar that is a text. Outputs are written unchanged, because mapping has checked them; `parse` checks inputs. */
function textScalar({ name, description, specifiedByURL, parse }: TextScalar) {
  const parseText = (value: unknown, node?: ValueNode): string => {
    try {
      if (typeof value === 'string') return parse(value)
    } catch {
      // The message of graphql-scalars repeats the value, which may be personal data.
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

/** An `Instant` of the domain. */
export const DateTime = textScalar({
  name: 'DateTime',
  description:
    'A point in time in RFC 3339 format. Output is always UTC with milliseconds ("2024-02-15T14:46:46.000Z"). Input may have any offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  parse(text) {
    const time = readTime(text)
    if (!time?.hasOffset) throw new TypeError('not a time with an offset')
    return time.instant
  },
})

export const EmailAddress = textScalar({
  name: 'EmailAddress',
  description: 'An e-mail address, e.g. "agent@example.com".',
  specifiedByURL: 'https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address',
  parse: (text) => String(EmailAddressResolver.parseValue(text)),
})

/** The text when it is an e-mail address, else null. For claims and fields that only promise a text. */
export function toEmailAddress(text: string | null): string | null {
  try {
    return text === null ? null : EmailAddress.parseValue(text)
  } catch {
    return null
  }
}

/** The scalar `URL`. The name `URL` belongs to the platform's class. */
export const UrlText = textScalar({
  name: 'URL',
  description: 'An absolute URL, e.g. "https://example.com/tickets/1".',
  specifiedByURL: 'https://url.spec.whatwg.org/',
  parse(text) {
    URLResolver.parseValue(text)
    return text
  },
})

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value: object, array, string, number, boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
})
