import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'
import { DateTimeResolver, EmailAddressResolver, GraphQLJSON, URLResolver } from 'graphql-scalars'
import { toInstant } from '../../domain/instant.ts'

/** A text scalar: what is inside is written out unchanged (translation has checked it); what comes in is checked by `parse`. */
function textScalar(name: string, description: string, specifiedByURL: string, parse: (text: string) => string) {
  const parseText = (value: unknown, node?: ValueNode): string => {
    try {
      if (typeof value === 'string') return parse(value)
    } catch {
      // Falls through: the library's message repeats the value, which may be personal.
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

/** Inside an `Instant`. */
export const DateTime = textScalar(
  'DateTime',
  'A moment as RFC 3339 text. Answers are always UTC with milliseconds ("2024-02-15T14:46:46.000Z"); inputs may carry any offset.',
  'https://scalars.graphql.org/andimarek/date-time.html',
  (text) => toInstant(DateTimeResolver.parseValue(text).getTime()),
)

export const EmailAddress = textScalar(
  'EmailAddress',
  'An e-mail address, e.g. "agent@example.com".',
  'https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address',
  (text) => String(EmailAddressResolver.parseValue(text)),
)

/** The text when it is an e-mail address, else null: for what others call one without a promise. */
export function toEmailAddress(text: string | null): string | null {
  try {
    return text === null ? null : EmailAddress.parseValue(text)
  } catch {
    return null
  }
}

// Not named URL inside, where that is the platform's class.
export const UrlText = textScalar(
  'URL',
  'An absolute URL, e.g. "https://example.com/tickets/1".',
  'https://url.spec.whatwg.org/',
  (text) => {
    URLResolver.parseValue(text)
    return text
  },
)

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value: object, list, text, number, boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
})
