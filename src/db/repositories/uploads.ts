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
    async keep(id, body) {
      await db.deleteFrom('upload_parts').where('upload_id', '=', id).execute()
      let [number, size] = [0, 0]
      for await (const bytes of toParts(body)) {
        await db.insertInto('upload_parts').values({ upload_id: id, number, bytes }).execute()
        number += 1
        size += bytes.length
      }
      await db.updateTable('uploads').set({ size }).where('id', '=', id).execute()
      return size
    },
    async *open(id) {
      for (let number = 0; ; number++) {
        const part = await db
          .selectFrom('upload_parts')
          .select('bytes')
          .where('upload_id', '=', id)
          .where('number', '=', number)
          .executeTakeFirst()
        if (!part) return
        yield part.bytes
      }
    },
  }
}

/** A row has this many bytes, but for the last one: neither many rows nor a whole file in memory. */
const partBytes = 256 * 1024

async function* toParts(body: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let waiting = Buffer.alloc(0)
  for await (const chunk of body) {
    waiting = Buffer.concat([waiting, chunk])
    for (; waiting.length >= partBytes; waiting = waiting.subarray(partBytes)) yield waiting.subarray(0, partBytes)
  }
  if (waiting.length > 0) yield waiting
}
