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

/** The characters of base64url, by their value. */
export const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * 36 bits of a text, as 6 characters of base64url: for telling a few thousand texts apart. Every record of a page is compared by it.
 * This is cyrb53 (two multiplicative hashes), because Node's SHA-256 and CRC-32 each take 6 % of the processor time of a page.
 */
export function shortHash(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return sixBits(a) + sixBits(a >>> 6) + sixBits(a >>> 12) + sixBits(b) + sixBits(b >>> 6) + sixBits(b >>> 12)
}

function sixBits(bits: number): string {
  return base64url[bits & 63]!
}
