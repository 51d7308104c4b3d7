import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface DevelopmentKeys {
  readonly privateKey: KeyObject
  /** The absolute path of the public half (PEM). */
  readonly publicKeyFile: string
}

/** The key pair of a directory, made when it is missing. The private half is readable by its owner alone. */
export function developmentKeys(directory: string): DevelopmentKeys {
  const privateKeyFile = resolve(directory, 'development-key.pem')
  const publicKeyFile = join(resolve(directory), 'development-key.pub.pem')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const privateKey = readKey(privateKeyFile) ?? makeKey(privateKeyFile)
  writeFileSync(publicKeyFile, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }))
  return { privateKey, publicKeyFile }
}

function readKey(file: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // `wx`: of two commands at once, one makes the key and the other fails, rather than both going on with different ones.
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return privateKey
}
