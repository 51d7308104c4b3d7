import * as z from 'zod'

// The types of configured values that several parts share: secrets, values of HTTP headers, base URLs. Every problem text names what
// to do and repeats no value, because a value may be a secret.

/** The fewest bytes of a secret that authenticates a sender or signs a delivery. */
const minSecretBytes = 16
const tooShort = `a secret needs at least ${minSecretBytes} bytes; "openssl rand -hex 32" makes one`

function isLongEnough(secret: string): boolean {
  return Buffer.byteLength(secret) >= minSecretBytes
}

const base64Prefix = 'whsec_'
/** RFC 4648 §4: whole groups of four; the padding of the last one is complete or absent. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/**
 * The key bytes of a signing secret, in both directions (DECISION-30): base64 after `whsec_`, else its UTF-8 bytes. null: the text
 * after `whsec_` is not base64.
 */
export function toKeyBytes(secret: string): Buffer | null {
  if (!secret.startsWith(base64Prefix)) return Buffer.from(secret, 'utf8')
  const text = secret.slice(base64Prefix.length)
  return base64.test(text) ? Buffer.from(text, 'base64') : null
}

const secretText = z
  .string()
  .trim()
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'a secret is one line, without control characters')

/** A secret that messages are signed with: a key of at least 16 bytes (INPUT-10). */
export const signingSecret = secretText.superRefine((secret, context) => {
  const key = toKeyBytes(secret)
  if (key === null) context.addIssue({ code: 'custom', message: `what follows ${base64Prefix} is not base64` })
  else if (key.length < minSecretBytes) context.addIssue({ code: 'custom', message: tooShort })
})

/** A secret that a sender shows as it is: at least 16 bytes of UTF-8 (INPUT-10). */
export const sharedSecret = secretText.refine(isLongEnough, tooShort)

/**
 * A token that is sent in an Authorization header. Visible ASCII: other characters cannot be in a header (RFC 9110 §5.5), and a blank
 * would end the token (RFC 6750 §2.1).
 */
export const bearerToken = z
  .string()
  .trim()
  .regex(
    /^[!-~]+$/,
    'a header cannot hold this token: write visible ASCII characters without blanks, and the token alone, without "Bearer"',
  )

/** A bearer token that callers show to the gateway: also a secret of at least 16 bytes (INPUT-10). */
export const inboundToken = bearerToken.refine(isLongEnough, tooShort)

/** The name of an HTTP header. RFC 9110 §5.1: a token. */
export const headerName = z
  .string()
  .trim()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'this is not the name of a header: write letters, digits and hyphens')

/** The value of an HTTP header: visible ASCII, with blanks inside only. */
export const headerValue = z
  .string()
  .trim()
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, 'a header cannot hold this value: write visible ASCII characters, on one line')

/**
 * An http or https URL without a user name and password, because they would not be sent (INPUT-12). `credentials` says what takes their
 * place: "use the key `token`".
 */
export function httpUrl(credentials: string) {
  return urlText((text) => findUrlProblems(text, credentials))
}

/** The base URL of a source: also without a query and fragment, which its calls would not carry (INPUT-12). */
export function sourceUrl(credentials: string) {
  return urlText((text) => {
    const isBase = !/[?#]/.test(text)
    const message = 'the query and fragment of a base URL are not sent: remove them; the key `paths` has the path of each call'
    return [...findUrlProblems(text, credentials), ...(isBase ? [] : [message])]
  })
}

function urlText(findProblems: (text: string) => readonly string[]) {
  return z
    .string()
    .trim()
    .superRefine((text, context) => {
      for (const message of findProblems(text)) context.addIssue({ code: 'custom', message })
    })
    .meta({ format: 'uri' })
}

function findUrlProblems(text: string, credentials: string): string[] {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return ['this is not an http or https URL']
  const problems: string[] = []
  // URL parsers drop line breaks and read a backslash as a slash: another address would be called than the one that is written.
  if (/[\s\\]/.test(text)) problems.push('a URL has no blanks, line breaks or backslashes')
  if (url.username !== '' || url.password !== '')
    problems.push(`a user name and password in a URL are not sent: remove them, and ${credentials}`)
  return problems
}
