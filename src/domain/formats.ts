import type { Ticket } from './ticket.ts'

// The rules of the graph's scalars `URL` and `EmailAddress`. Vendors write anything into such fields; `Ticket.raw` keeps it.

/** A reference without a scheme. One with blanks has to begin with a slash: other text with blanks is prose. */
const relativeReference = /^\/|^\S+$/

/**
 * An absolute URL with http or https, as the URL standard writes it. A relative reference is resolved against `base`
 * (RFC 3986, section 5). null: another scheme, such as `javascript:`, or no URL.
 */
export function toHttpUrl(text: string, base?: string): string | null {
  const isRelative = base !== undefined && relativeReference.test(text.trim())
  const url = URL.parse(text) ?? (isRelative ? URL.parse(text, base) : null)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : null
}

/** Text as a part of a URL. `encodeURIComponent` throws for half of a surrogate pair: it becomes U+FFFD. */
export function encodeUrlPart(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const emailAddress = new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})*$`)
/** RFC 5321, section 4.5.3.1.3: a path has 256 characters with its brackets. */
const maxEmailLength = 254

/** The address without surrounding blanks, by the rule of HTML ("valid e-mail address") and at most 254 characters. null: it is none. */
export function toEmailAddress(text: string): string | null {
  const address = text.trim()
  return address.length <= maxEmailLength && emailAddress.test(address) ? address : null
}

// What a vendor writes as a URL, in the fields of a ticket: relative references are resolved against the source's base URL, and what is no
// URL becomes null.

export function resolveUrl(text: string | null, base: string): string | null {
  return text === null ? null : toHttpUrl(text, base)
}

export function resolveLinks(links: Ticket['links'], base: string): Ticket['links'] {
  if (!links?.some(({ url }) => url !== null)) return links
  return links.map((link) => (link.url === null ? link : { ...link, url: resolveUrl(link.url, base) }))
}

export function resolveFiles(files: Ticket['attachments'], base: string): Ticket['attachments'] {
  if (!files || files.length === 0) return files
  return files.map((file) => ({ ...file, url: resolveUrl(file.url, base) }))
}

export function resolveMessages(messages: Ticket['messages'], base: string): Ticket['messages'] {
  if (!messages?.some(({ attachments }) => attachments !== null && attachments.length > 0)) return messages
  return messages.map((message) => ({ ...message, attachments: resolveFiles(message.attachments, base) }))
}
