import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { UploadedFile } from '../domain/writes.ts'
import type { HttpClient, WriteRequest } from './http-client/types.ts'
import type { SourceInfo } from './source.ts'

// Files on their way to a vendor: raw, or as forms.

interface Upload extends Pick<WriteRequest, 'path' | 'headers'> {
  readonly file: UploadedFile
  /** What the vendor calls the file, by the body of its answer; null: it did not take it. */
  readonly toId: (body: unknown) => string | null
}

/** Sends a file once by POST, and resolves with what the vendor calls it. Rejects with DeskgraphError. */
export async function sendFile(
  { info, upstream }: { readonly info: SourceInfo; readonly upstream: HttpClient },
  { path, headers, file, toId }: Upload,
  call: Call,
): Promise<string> {
  const { key: source, label } = info
  const written = await upstream.write({ operation: 'upload', method: 'POST', path, file, ...(headers && { headers }) }, call)
  if (written.ended === 'unconfirmed')
    throw new DeskgraphError('UPSTREAM_UNAVAILABLE', `${label} did not confirm the file. Send it again.`, { source })
  const id = toId(written.answer.body)
  if (id !== null) return id
  const message = `${label} did not take the file (HTTP ${written.answer.status}): it may be too large, or of a type that is not allowed.`
  throw new DeskgraphError('UPSTREAM_REJECTED', message, { source })
}

/**
 * The file as the only part of a form (`multipart/form-data`, RFC 7578), for vendors that take files by forms. `field`: the name of the part. The
 * bytes pass through as they arrive, and the length is known where that of the file is.
 */
export function toMultipart(file: UploadedFile, field: string): UploadedFile {
  const boundary = `deskgraph-${randomBytes(18).toString('hex')}`
  const disposition = `form-data; name="${quote(field)}"; filename="${quote(file.filename)}"`
  const type = file.contentType ?? 'application/octet-stream'
  const head = Buffer.from(`--${boundary}\r\ncontent-disposition: ${disposition}\r\ncontent-type: ${type}\r\n\r\n`)
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* parts() {
    yield head
    for await (const chunk of file.body) yield chunk
    yield tail
  }
  const body = Readable.from(parts(), { objectMode: false })
  file.body.once('error', (error) => body.destroy(error))
  return {
    filename: file.filename,
    contentType: `multipart/form-data; boundary=${boundary}`,
    size: file.size === null ? null : head.length + file.size + tail.length,
    body,
  }
}

/** As browsers do (the HTML standard, "multipart/form-data encoding algorithm"): no character of a name can end the header. */
function quote(name: string): string {
  return name.replace(/["\r\n]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
