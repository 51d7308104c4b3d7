/** Longer texts are cut: nothing that a person needs to read in a log is longer, and a body would be. */
const maxLength = 4_000

// Bounded repetitions only: these stand in the way of hostile text.
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]*\.[\w-]*\.[\w-]*/g, '[token]'],
  [/\bBearer +[^\s"',;]+/gi, 'Bearer [token]'],
  [/\bwhsec_[\w+/=-]+/g, '[secret]'],
  [/(:\/\/)[^\s/@"']*@/g, '$1[credentials]@'],
  [/\?[^\s"'<>]*/g, '?[query]'],
  [/[^\s@<>"'(),;:=]{1,64}@[^\s@<>"'(),;:]{1,255}/g, '[e-mail]'],
  // Nine digits and more with what people put between them; an IPv4 address is not one.
  [/(?<![\w.:-])(?!(?:\d{1,3}\.){3}\d{1,3}\b)\+?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?![\w:-])/g, '[number]'],
]

/** A text for a log: without tokens, credentials in URLs, query strings, e-mail addresses and what looks like a phone number. */
export function cleanText(text: string): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return patterns.reduce((cleaned, [pattern, instead]) => cleaned.replace(pattern, instead), short)
}
