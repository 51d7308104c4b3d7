import type { Kysely } from 'kysely'
import { type Clock, now } from '../../domain/clock.ts'
import type { StoredUpload, UploadStore } from '../../tickets/upload-store.ts'
import type { Database } from '../schema.ts'

/** The uploads in this database. The retention removes them. */
export function createUploadStore(db: Kysely<Database>, clock: Clock): UploadStore {
  return {
    async add(upload) {
      const { viewer } = upload
      await db
        .insertInto('uploads')
        .values({
          id: upload.id,
          secret_digest: upload.secretDigest,
          viewer: JSON.stringify(viewer),
          viewer_id: viewer.id,
          source_key: upload.sourceKey,
          ticket_id: upload.ticketId,
          filename: upload.filename,
          content_type: upload.contentType,
          size: upload.size,
          state: 'NEW',
          source_ref: null,
          expires_at: upload.expiresAt,
          created_at: now(clock),
        })
        .execute()
    },
    async find(id) {
      const row = await db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row) return null
      return {
        id: row.id,
        secretDigest: row.secret_digest,
        viewer: JSON.parse(row.viewer) as StoredUpload['viewer'],
        sourceKey: row.source_key,
        ticketId: row.ticket_id,
        filename: row.filename,
        contentType: row.content_type,
        size: row.size === null ? null : Number(row.size),
        sourceRef: row.source_ref,
        expiresAt: row.expires_at,
      }
    },
    async claim(id) {
      const claimed = await db
        .updateTable('uploads')
        .set({ state: 'RECEIVING' })
        .where('id', '=', id)
        .where('state', '=', 'NEW')
        .returning('id')
        .execute()
      return claimed.length === 1
    },
    async finish(id, sourceRef) {
      const state = sourceRef === null ? 'NEW' : 'RECEIVED'
      await db.updateTable('uploads').set({ state, source_ref: sourceRef }).where('id', '=', id).execute()
    },
  }
}
