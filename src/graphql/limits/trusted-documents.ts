import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DeskgraphError } from '../../domain/errors.ts'
import type { DocumentsConfig } from './config.ts'

/** The parts of a request that can name its operation. */
interface DocumentRequest {
  readonly query?: string | undefined
  /** As "GraphQL over HTTP" names it. */
  readonly documentId?: string | undefined
  /** As Apollo's clients send it: `persistedQuery.sha256Hash`. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

export interface TrustedDocuments {
  /**
   * The text of the requested operation; undefined when the request names none. A text counts, also beside a hash. Throws FORBIDDEN for
   * a text that may not be executed. A hash that the manifest does not have is OPERATION_RESOLUTION_FAILURE as a `documentId`. In
   * Apollo's extension it is PERSISTED_QUERY_NOT_FOUND or, without a manifest, PERSISTED_QUERY_NOT_SUPPORTED: Apollo's clients send
   * the text then.
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
      const { query, documentId, extensions } = request
      if (query !== undefined) {
        if (config.mode !== 'only' || texts.has(query)) return query
        throw new DeskgraphError('FORBIDDEN', 'Only the operations of the manifest are executed here (documents.mode is only).')
      }
      if (documentId !== undefined) {
        const found = byHash.get(withoutAlgorithm(documentId))
        if (found !== undefined) return found
        throw new DeskgraphError('OPERATION_RESOLUTION_FAILURE', 'No trusted operation has this hash.')
      }
      const apollo = apolloExtension.safeParse(extensions)
      if (!apollo.success) return undefined
      const found = byHash.get(apollo.data.persistedQuery.sha256Hash)
      if (found !== undefined) return found
      // Some clients know these messages and not the codes.
      if (config.mode === 'off') throw new DeskgraphError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')
      throw new DeskgraphError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
    },
  }
}

function readManifest(file: string): Readonly<Record<string, string>> {
  return manifestFile.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** graphql-codegen writes "sha256:" before a hash. Clients send it with or without. */
function withoutAlgorithm(hash: string): string {
  return hash.replace(/^sha(?:1|256):/, '')
}
