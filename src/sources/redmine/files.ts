import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { AttachmentDraft, UploadedFile } from '../../domain/writes.ts'
import { toRecord, toText } from '../decode.ts'
import type { OpenedFile } from '../source.ts'
import type { Change, Wish } from '../verified-write.ts'
import { isIssueId, type RedmineIssue } from './decode.ts'
import type { Redmine } from './index.ts'

/** `GET /attachments/download/{id}`, which Redmine allows to whoever may see the issue. */
export async function openFile({ upstream }: Redmine, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  return isIssueId(id) ? upstream.download({ operation: 'file', path: `/attachments/download/${id}` }, call) : null
}

/** `POST /uploads.json`. Redmine refuses every other content type with 406 (REDMINE-06). */
export async function uploadFile({ info, upstream }: Redmine, file: UploadedFile, call: Call): Promise<string> {
  const { key: source, label } = info
  const query = new URLSearchParams({ filename: file.filename, ...(file.contentType && { content_type: file.contentType }) })
  const request = { operation: 'upload', method: 'POST', path: `/uploads.json?${query}` } as const
  const written = await upstream.write({ ...request, file: { ...file, contentType: 'application/octet-stream' } }, call)
  if (written.ended === 'unconfirmed')
    throw new DeskgraphError('UPSTREAM_UNAVAILABLE', `${label} did not confirm the file. Send it again.`, { source })
  const token = toText(toRecord(toRecord(written.answer.body)?.upload)?.token)
  if (token !== null) return token
  const message = `${label} did not take the file (HTTP ${written.answer.status}): it may be too large, or of a type that is not allowed.`
  throw new DeskgraphError('UPSTREAM_REJECTED', message, { source })
}

/** Files by the tokens of their uploads. A token begins with the id that the file keeps. */
export function toUploads(
  drafts: readonly AttachmentDraft[] | null | undefined,
): Change<RedmineIssue, Readonly<Record<string, unknown>>> {
  if (!drafts?.length) return { body: {}, wishes: [] }
  const uploads = drafts.map(({ uploadId, filename, contentType }) => ({ token: uploadId, filename, content_type: contentType }))
  const wishes = drafts.map(({ uploadId }, index): Wish<RedmineIssue> => {
    const [fileId] = (uploadId ?? '').split('.')
    return {
      field: ['input', 'attachments', String(index)],
      isMet: ({ attachments }) => attachments.some(({ id }) => id === fileId),
    }
  })
  return { body: { uploads }, wishes }
}
