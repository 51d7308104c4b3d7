import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import { z } from 'zod'

const keyBytes = 32
const hex = /^[0-9a-f]{64}$/i
/** 32 bytes in base64 or base64url; the padding may be absent. */
const base64 = /^[A-Za-z0-9+/_-]{43}=?$/

/** A key of 32 bytes, as `openssl rand -hex 32` or `openssl rand -base64 32` writes it. */
export const secretKey = z
  .string()
  .trim()
  .refine((text) => hex.test(text) || base64.test(text), 'must be 32 random bytes: write what "openssl rand -hex 32" prints')

/** The block `secrets`: the keys that stored secrets are encrypted with. */
export const secretsConfig = z
  .strictObject({
    key: secretKey.optional().describe('Encrypts what is stored. Absent: the environment variable DESKGRAPH_SECRETS_KEY.'),
    otherKeys: z
      .array(secretKey)
      .default([])
      .describe('Keys that only open what they have sealed, while a key is being replaced (`deskgraph secrets rotate-key`).'),
  })
  .describe('The encryption of stored secrets (`oauth` of a source).')

/** A sealed text and the id of its key. */
export interface Sealed {
  readonly sealed: Uint8Array
  readonly keyId: string
}

/** Seals and opens texts by AES-256-GCM. No key and no text is visible on the object. */
export interface SecretKeys {
  /** The id of the key that seals. It tells keys apart and says nothing else about them. */
  readonly keyId: string
  /** The ids of all keys, that one first. */
  readonly keyIds: readonly string[]
  /** `context` binds the result: it is opened with the same one only. Each call has a new nonce. */
  seal(text: string, context: string): Sealed
  /** Throws SecretFault for a text that another key or another context has sealed, or that was changed. */
  open(sealed: Sealed, context: string): string
}

/** A stored secret that cannot be opened. */
export class SecretFault extends Error {
  override readonly name = 'SecretFault'
  readonly fault: 'unknown key' | 'changed'

  constructor(fault: SecretFault['fault']) {
    super(
      fault === 'changed'
        ? 'It was changed, or belongs to another row.'
        : 'It is encrypted with a key that this process does not have.',
    )
    this.fault = fault
  }
}

/** Before the nonce, so that a later form of sealed texts can be told apart. */
const version = 1
const nonceBytes = 12
const tagBytes = 16

/** `texts`: keys that `secretKey` accepts. The first one seals; all of them open. */
export function createSecretKeys(texts: readonly [string, ...string[]]): SecretKeys {
  const keys = new Map(texts.map((text) => toKey(text)).map((key) => [toKeyId(key), key]))
  const keyIds = [...keys.keys()]
  const [keyId] = keyIds as [string]
  const aad = (context: string, id: string) => Buffer.from(`deskgraph secret ${version}\n${id}\n${context}`)
  return {
    keyId,
    keyIds,
    seal(text, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keys.get(keyId)!, nonce).setAAD(aad(context, keyId))
      const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return { sealed: Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), encrypted]), keyId }
    },
    open({ sealed, keyId: id }, context) {
      const key = keys.get(id)
      if (!key) throw new SecretFault('unknown key')
      const bytes = Buffer.from(sealed)
      const [nonceEnd, tagEnd] = [1 + nonceBytes, 1 + nonceBytes + tagBytes]
      if (bytes[0] !== version || bytes.length < tagEnd) throw new SecretFault('changed')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, nonceEnd), { authTagLength: tagBytes })
      decipher.setAAD(aad(context, id)).setAuthTag(bytes.subarray(nonceEnd, tagEnd))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
      } catch {
        throw new SecretFault('changed')
      }
    },
  }
}

function toKey(text: string): Buffer {
  const key = hex.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64url')
  if (key.length !== keyBytes) throw new Error('A key has 32 bytes.')
  return key
}

/** 32 bits of a hash of 256 random bits: enough to tell a few keys apart. */
function toKeyId(key: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from('deskgraph key id\n'), key])).slice(0, 8)
}
