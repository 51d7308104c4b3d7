import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createLocalJWKSet, type JSONWebKeySet } from 'jose'
import type { KeySource } from './key-source.ts'

/** The key of a PEM file, or the keys of a JWK set file. Throws when the file is missing or holds neither. */
export function createKeyFile(path: string): KeySource {
  const text = readFileSync(path, 'utf8')
  const always = { isReady: () => true, close() {} }
  if (text.trimStart().startsWith('{')) {
    const keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
    return { ...always, keyFor: (header, token) => keys(header, token) }
  }
  const key = createPublicKey(text)
  return { ...always, keyFor: async () => key }
}
