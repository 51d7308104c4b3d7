// The characters that JSON text cannot hold as they are, and lone surrogates, which JSON.stringify escapes too.
export const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A string as JSON text, the same as JSON.stringify writes it. Most strings need no escape, and asking is cheaper than escaping. */
export function quote(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`
}
