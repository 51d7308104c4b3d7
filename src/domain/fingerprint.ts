import { hash } from 'node:crypto'

/**
 * JSON that is the same for values with the same meaning: members in the order of their names, without absent and null ones, which
 * mean the same in the model. Lists keep their order and their nulls.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** SHA-256 of the canonical JSON, as 43 characters of base64url. */
export function fingerprint(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'base64url')
}

/** The length of a short hash. */
export const shortHashLength = 6

/** The first 36 bits of the SHA-256 of a text, as 6 characters of base64url: for telling a few thousand texts apart. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, shortHashLength)
}
