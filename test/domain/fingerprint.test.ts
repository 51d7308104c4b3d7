import { describe, expect, it } from 'vitest'
import { canonicalJson, fingerprint, shortHash } from '../../src/domain/fingerprint.ts'

describe('a fingerprint', () => {
  it('is the same however the members are ordered, and where null stands for absent', () => {
    expect(canonicalJson({ b: [1, null, { d: 'x', c: undefined }], a: null })).toBe('{"b":[1,null,{"d":"x"}]}')
    expect(fingerprint({ a: 1, b: 2 })).toBe(fingerprint({ b: 2, a: 1, c: null }))
  })

  it('is the base64url SHA-256 of the canonical JSON', () => {
    // printf '{}' | openssl dgst -sha256 -binary | basenc --base64url
    expect(fingerprint({})).toBe('RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o')
  })

  it('differs for another value, another order of a list, and an empty text instead of none', () => {
    const prints = [{ a: [1, 2] }, { a: [2, 1] }, { a: '' }, {}, { a: '1' }, { a: 1 }].map(fingerprint)
    expect(new Set(prints).size).toBe(6)
  })
})

describe('a short hash', () => {
  it('is six characters of base64url, and tells a hundred thousand ids apart', () => {
    const hashes = Array.from({ length: 100_000 }, (_, i) => shortHash(`ticket-${i}`))
    expect(hashes.every((hash) => /^[A-Za-z0-9_-]{6}$/.test(hash))).toBe(true)
    // 36 bits: among 100,000 texts less than one pair is expected to meet by chance.
    expect(new Set(hashes).size).toBeGreaterThan(99_995)
  })
})
