import type { Viewer } from '../domain/call.ts'
import type { Instant } from '../domain/instant.ts'

/** A file that a viewer may send to a source. */
export interface StoredUpload {
  readonly id: string
  /** SHA-256 of the secret in the address, in hex: the store cannot give the address away. */
  readonly secretDigest: string
  /** Who creates it, and as whom the source receives it. */
  readonly viewer: Pick<Viewer, 'id' | 'email' | 'name'>
  readonly sourceKey: string
  /** The only ticket that it may be attached to (global id); null: any. */
  readonly ticketId: string | null
  readonly filename: string
  readonly contentType: string | null
  /** Bytes; null: not known. */
  readonly size: number | null
  /** What the source calls the file; null: it has not received it. */
  readonly sourceRef: string | null
  readonly expiresAt: Instant
}

/** The uploads of all replicas. Rejects with STORAGE_UNAVAILABLE. */
export interface UploadStore {
  add(upload: Omit<StoredUpload, 'sourceRef'>): Promise<void>
  /** null: there is none. */
  find(id: string): Promise<StoredUpload | null>
  /** Begins to receive. false: it is being received, or was. Of several claims at once one succeeds. */
  claim(id: string): Promise<boolean>
  /** Keeps what the source calls the file; null: the source did not take it, and it may be sent again. */
  finish(id: string, sourceRef: string | null): Promise<void>
  /** Keeps the bytes of a file in place of earlier ones, and returns how many there are. They end with what is known of the upload. */
  keep(id: string, body: AsyncIterable<Uint8Array>): Promise<number>
  /** The bytes that were kept, as they are read. */
  open(id: string): AsyncIterable<Uint8Array>
}
