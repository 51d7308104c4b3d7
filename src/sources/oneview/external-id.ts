const plain = /^[A-Za-z0-9._~-]{1,128}$/

/**
 * The ids that the document shows (UUIDs, `vsba-nhas`, `absmw0dbma`) and nothing that could change a path:
 * `.` and `..` stay path steps even when they are escaped.
 */
export function isExternalId(text: string): boolean {
  return plain.test(text) && text !== '.' && text !== '..'
}
