import type { StoredUpload, UploadStore } from '../../src/tickets/upload-store.ts'

/** Uploads in memory, as the store keeps them. */
export function createMemoryUploads(): UploadStore {
  const rows = new Map<string, { upload: StoredUpload; state: 'NEW' | 'RECEIVING' | 'RECEIVED' }>()
  const kept = new Map<string, Uint8Array>()
  return {
    async keep(id, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      kept.set(id, bytes)
      const row = rows.get(id)
      if (row) row.upload = { ...row.upload, size: bytes.length }
      return bytes.length
    },
    async *open(id) {
      const bytes = kept.get(id)
      if (bytes && bytes.length > 0) yield bytes
    },
    async add(upload) {
      rows.set(upload.id, { upload: { ...upload, sourceRef: null }, state: 'NEW' })
    },
    find: async (id) => rows.get(id)?.upload ?? null,
    async claim(id) {
      const row = rows.get(id)
      if (row?.state !== 'NEW') return false
      row.state = 'RECEIVING'
      return true
    },
    async finish(id, sourceRef) {
      const row = rows.get(id)
      if (!row) return
      row.state = sourceRef === null ? 'NEW' : 'RECEIVED'
      row.upload = { ...row.upload, sourceRef }
    },
  }
}
