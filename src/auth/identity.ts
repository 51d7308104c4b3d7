/** Printable ASCII without blanks and commas: what can stand in a header and mean one person. */
const safeIdentity = /^[\x21-\x2b\x2d-\x7e]{1,254}$/

/**
 * What may go upstream as the agent's identity, or null: text with line breaks, NUL, commas, blanks or
 * non-ASCII letters never becomes a header (it could add one, or name two people).
 */
export function toIdentity(claim: unknown): string | null {
  return typeof claim === 'string' && safeIdentity.test(claim) ? claim : null
}
