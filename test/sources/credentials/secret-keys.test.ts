import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createSecretKeys, SecretFault, secretKey, secretsConfig } from '../../../src/sources/credentials/secret-keys.ts'

const one = `${'0'.repeat(63)}1`
const two = Buffer.alloc(32, 2).toString('base64')

describe('SECRET-01: a stored secret', () => {
  it('is opened with the same key and the same row', () => {
    const keys = createSecretKeys([one])
    expect(keys.open(keys.seal('a secret: ü', 'source a'), 'source a')).toBe('a secret: ü')
  })

  it('has another form each time, and holds nothing of the text', () => {
    const keys = createSecretKeys([one])
    const [first, second] = [keys.seal('refresh-token', 'source a'), keys.seal('refresh-token', 'source a')]
    expect(Buffer.from(first.sealed).equals(Buffer.from(second.sealed))).toBe(false)
    expect(Buffer.from(first.sealed).toString('latin1')).not.toContain('refresh')
  })

  it('is not opened in the row of another source', () => {
    const keys = createSecretKeys([one])
    expect(() => keys.open(keys.seal('x', 'source a'), 'source b')).toThrow('belongs to another row')
  })

  it('is not opened when one bit of it has changed, or when it is cut', () => {
    const keys = createSecretKeys([one])
    const { sealed, keyId } = keys.seal('x', 'source a')
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed[index] = changed[index]! ^ 1
      expect(() => keys.open({ sealed: changed, keyId }, 'source a')).toThrow('It was changed')
    }
    for (const length of [0, 1, 12, 28, sealed.length - 1]) {
      expect(() => keys.open({ sealed: sealed.subarray(0, length), keyId }, 'source a')).toThrow('It was changed')
    }
  })

  it('is not opened with another key, or under its id', () => {
    const sealed = createSecretKeys([one]).seal('x', 'source a')
    const other = createSecretKeys([two])
    expect(() => other.open(sealed, 'source a')).toThrow('a key that this process does not have')
    expect(() => other.open({ ...sealed, keyId: other.keyId }, 'source a')).toThrow('It was changed')
  })

  it('is opened with the former key while the key is replaced, and sealed with the new one', () => {
    const before = createSecretKeys([one])
    const during = createSecretKeys([two, one])
    const sealed = before.seal('x', 'source a')
    expect(during.open(sealed, 'source a')).toBe('x')
    expect(during.seal('x', 'source a').keyId).not.toBe(sealed.keyId)
    expect(during.keyIds).toEqual([during.keyId, before.keyId])
  })
})

describe('a key', () => {
  it('is the same in hex, base64 and base64url', () => {
    const key = Buffer.alloc(32, 0xfb)
    const forms = [key.toString('hex'), key.toString('hex').toUpperCase(), key.toString('base64'), key.toString('base64url')]
    expect(new Set(forms.map((form) => createSecretKeys([secretKey.parse(form)]).keyId)).size).toBe(1)
  })

  it.each([['short'], ['0'.repeat(62)], ['0'.repeat(66)], [Buffer.alloc(31).toString('base64')], [''], ['g'.repeat(64)]])(
    'of another form is refused without its text: %j',
    (text) => {
      const { error } = secretKey.safeParse(text)
      expect(error?.issues[0]?.message).toBe('must be 32 random bytes: write what "openssl rand -hex 32" prints')
    },
  )

  it('is not shown by an inspection of what uses it', () => {
    const keys = createSecretKeys([one])
    expect(inspect(keys, { depth: 10, showHidden: true })).not.toContain('0'.repeat(20))
    expect(JSON.stringify(keys)).not.toContain('0'.repeat(20))
  })

  it('has an id that the form of stored secrets fixes', () => {
    // (printf 'deskgraph key id\n'; printf '%064d' 1 | xxd -r -p) | sha256sum | cut -c1-8
    expect(createSecretKeys([one]).keyId).toBe('cd213995')
  })

  it('may have blanks around it, and no other text', () => {
    expect(secretKey.parse(` ${one}\n`)).toBe(one)
    for (const text of [`x${one}`, `${one}x`, `!${two.slice(1)}`, `${two}=`])
      expect(secretKey.safeParse(text).success).toBe(false)
  })

  it('is made of 32 bytes, also where the configuration was not checked', () => {
    expect(() => createSecretKeys(['00'])).toThrow('A key has 32 bytes.')
  })

  it('may be absent in the configuration, and so may other keys', () => {
    expect(secretsConfig.parse({})).toEqual({ otherKeys: [] })
    expect(secretsConfig.parse({ key: one, otherKeys: [two] })).toEqual({ key: one, otherKeys: [two] })
  })
})

describe('a sealed text', () => {
  it('begins with its version, and is 29 bytes longer than the text', () => {
    const { sealed } = createSecretKeys([one]).seal('12345', 'source a')
    // The version, a nonce of 12 bytes, and a tag of 16.
    expect([sealed[0], sealed.length]).toEqual([1, 1 + 12 + 16 + 5])
  })

  it('may be empty', () => {
    const keys = createSecretKeys([one])
    expect(keys.open(keys.seal('', 'source a'), 'source a')).toBe('')
  })

  it('that cannot be opened says which fault it is', () => {
    const keys = createSecretKeys([one])
    const sealed = keys.seal('x', 'source a')
    const faultOf = (open: () => string) => {
      try {
        return open()
      } catch (error) {
        return error instanceof SecretFault ? [error.name, error.fault, error.message] : error
      }
    }
    expect(faultOf(() => keys.open(sealed, 'source b'))).toEqual([
      'SecretFault',
      'changed',
      'It was changed, or belongs to another row.',
    ])
    expect(faultOf(() => keys.open({ ...sealed, keyId: 'none' }, 'source a'))).toEqual([
      'SecretFault',
      'unknown key',
      'It is encrypted with a key that this process does not have.',
    ])
  })
})
