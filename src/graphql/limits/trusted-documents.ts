import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DeskgraphError } from '../../domain/errors.ts'
import type { DocumentsConfig } from './config.ts'

/** The parts of a request that can name its operation. */
interface DocumentRequest {
  readonly query?: unknown
  /** As "GraphQL over HTTP" names it. */
  readonly documentId?: unknown
  /** As Apollo's clients send it: `persistedQuery.sha256Hash`. */
  readonly extensions?: unknown
}

export interface TrustedDocuments {
  /**
   * The text of the requested operation; undefined when the request names none. Throws OPERATION_RESOLUTION_FAILURE for a
   * hash that the manifest does not have, and FORBIDDEN for a text that may not be executed.
   */
  resolve(request: DocumentRequest): string | undefined
  /** The text of every operation in the manifest, e.g. to validate them before the first request. */
  readonly texts: readonly string[]
}

const manifestFile = z.record(z.string().min(1), z.string().min(1))
const apolloExtension = z.looseObject({ persistedQuery: z.looseObject({ sha256Hash: z.string() }) })

/** Reads the manifest when the mode needs it. Throws when the file is missing or is not a manifest. */
export function createTrustedDocuments(config: DocumentsConfig): TrustedDocuments {
  const manifest = config.mode === 'off' || config.manifest === undefined ? {} : readManifest(config.manifest)
  const byHash = new Map(Object.entries(manifest).map(([hash, text]) => [withoutAlgorithm(hash), text]))
  const texts = new Set(byHash.values())

  return {
    texts: [...texts],
    resolve(request) {
      const text = typeof request.query === 'string' && request.query !== '' ? request.query : undefined
      if (text !== undefined) {
        if (config.mode !== 'only' || texts.has(text)) return text
        throw new DeskgraphError('FORBIDDEN', 'Only the operations of the manifest are executed here (documents.mode is only).')
      }
      const hash = hashOf(request)
      if (hash === undefined) return undefined
      const found = byHash.get(hash)
      if (found === undefined) throw new DeskgraphError('OPERATION_RESOLUTION_FAILURE', 'No trusted operation has this hash.')
      return found
    },
  }
}

function readManifest(file: string): Readonly<Record<string, string>> {
  return manifestFile.parse(JSON.parse(readFileSync(file, 'utf8')))
}

function hashOf({ documentId, extensions }: DocumentRequest): string | undefined {
  if (typeof documentId === 'string') return withoutAlgorithm(documentId)
  const apollo = apolloExtension.safeParse(extensions)
  return apollo.success ? apollo.data.persistedQuery.sha256Hash : undefined
}

/** graphql-codegen writes "sha256:" before a hash. Clients send it with or without. */
function withoutAlgorithm(hash: string): string {
  return hash.replace(/^sha(?:1|256):/, '')
}
