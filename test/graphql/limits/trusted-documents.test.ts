import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentsConfig, toExploration } from '../../../src/graphql/limits/config.ts'
import { createTrustedDocuments } from '../../../src/graphql/limits/trusted-documents.ts'

const known = 'query Me { viewer { key } }'
const hash = 'f2a9a4b1e1'
let directory: string
let manifest: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'deskgraph-documents-'))
  manifest = join(directory, 'persisted-documents.json')
  // As codegen writes it.
  writeFileSync(manifest, JSON.stringify({ [`sha256:${hash}`]: known }))
})
afterAll(() => rmSync(directory, { recursive: true }))

const documents = (mode: 'off' | 'prefer' | 'only') => createTrustedDocuments(documentsConfig.parse({ mode, manifest }))
const other = 'query Other { sources { key } }'

describe('trusted documents', () => {
  it.each(['prefer', 'only'] as const)('in mode %s are found by their hash, in every form in which clients send it', (mode) => {
    for (const request of [
      { documentId: hash },
      { documentId: `sha256:${hash}` },
      { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } },
    ]) {
      expect(documents(mode).resolve(request)).toBe(known)
    }
    expect(documents(mode).texts).toEqual([known])
  })
  it('in mode only are the only ones executed, by hash or by their exact text', () => {
    const only = documents('only')
    expect(only.resolve({ query: known })).toBe(known)
    for (const query of [other, `${known} `, `${known} #`]) {
      expect(() => only.resolve({ query })).toThrowError(expect.objectContaining({ code: 'FORBIDDEN' }))
    }
    expect(() => only.resolve({ query: other, documentId: hash })).toThrowError(expect.objectContaining({ code: 'FORBIDDEN' }))
  })
  it('in mode prefer are executed in addition to any other operation', () => {
    expect(documents('prefer').resolve({ query: other })).toBe(other)
  })
  it('in mode off are unknown: only texts are executed', () => {
    expect(documents('off').resolve({ query: other })).toBe(other)
    expect(() => documents('off').resolve({ documentId: hash })).toThrowError(
      expect.objectContaining({ code: 'OPERATION_RESOLUTION_FAILURE' }),
    )
  })
  it('TRANSPORT-04: fall back to the text by the answers that Apollo’s clients know', () => {
    const extensions = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } })
    const refused = (code: string, message: string) => expect.objectContaining({ code, message })
    const notSupported = refused('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')
    const notFound = refused('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
    for (const [mode, expected] of [
      ['off', notSupported],
      ['prefer', notFound],
      ['only', notFound],
    ] as const) {
      for (const unknown of ['other', '__proto__', '']) {
        expect(() => documents(mode).resolve({ extensions: extensions(unknown) })).toThrowError(expected)
      }
      expect(documents(mode).resolve({ query: known, extensions: extensions('other') })).toBe(known)
    }
    expect(documents('prefer').resolve({ query: other, extensions: extensions(hash) })).toBe(other)
  })
  it.each(['unknown', '__proto__', 'constructor', 'toString'])('do not know the hash %s', (documentId) => {
    expect(() => documents('prefer').resolve({ documentId })).toThrowError(
      expect.objectContaining({ code: 'OPERATION_RESOLUTION_FAILURE' }),
    )
  })
  it('resolve to undefined for a request without an operation', () => {
    for (const request of [{}, { extensions: {} }, { extensions: { persistedQuery: null } }]) {
      expect(documents('only').resolve(request)).toBeUndefined()
    }
  })
  it('fail at the start when the manifest is missing or invalid', () => {
    writeFileSync(join(directory, 'wrong.json'), '["a"]')
    for (const file of ['absent.json', 'wrong.json']) {
      const config = documentsConfig.parse({ mode: 'only', manifest: join(directory, file) })
      expect(() => createTrustedDocuments(config)).toThrow()
    }
    expect(documentsConfig.safeParse({ mode: 'only' }).success).toBe(false)
  })
})

describe('GraphiQL and introspection', () => {
  it('are open without identity and closed with it, unless the configuration says otherwise', () => {
    expect(toExploration({}, 'none')).toEqual({ graphiql: true, introspection: true })
    expect(toExploration({}, 'jwt')).toEqual({ graphiql: false, introspection: false })
    expect(toExploration({ introspection: true }, 'jwt')).toEqual({ graphiql: false, introspection: true })
    expect(toExploration({ graphiql: false }, 'none')).toEqual({ graphiql: false, introspection: true })
  })
})
