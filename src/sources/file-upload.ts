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

/** A file of a form. */
interface FormFile extends Pick<UploadedFile, 'filename' | 'contentType' | 'size'> {
  /** The name of the part. */
  readonly field: string
  readonly open: () => AsyncIterable<Uint8Array>
}

/**
 * A form (`multipart/form-data`, RFC 7578) with texts and files, for vendors that take files by forms. The bytes pass through as they arrive, and the
 * length is known where those of the files are.
 */
export function toForm(fields: readonly (readonly [name: string, value: string])[], files: readonly FormFile[]): UploadedFile {
  const boundary = `deskgraph-${randomBytes(18).toString('hex')}`
  const texts = fields.map(([name, value]) =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${quote(name)}"\r\n\r\n${value}\r\n`),
  )
  const heads = files.map(({ field, filename, contentType }) => {
    const disposition = `form-data; name="${quote(field)}"; filename="${quote(filename)}"`
    const type = contentType ?? 'application/octet-stream'
    return Buffer.from(`--${boundary}\r\ncontent-disposition: ${disposition}\r\ncontent-type: ${type}\r\n\r\n`)
  })
  const [lineEnd, tail] = [Buffer.from('\r\n'), Buffer.from(`--${boundary}--\r\n`)]
  async function* parts() {
    yield* texts
    for (const [index, { open }] of files.entries()) {
      yield heads[index]!
      for await (const chunk of open()) yield chunk
      yield lineEnd
    }
    yield tail
  }
  const ofTexts = [...texts, tail].reduce((sum, { length }) => sum + length, 0)
  const size = files.reduce<number | null>(
    (sum, file, index) => (sum === null || file.size === null ? null : sum + heads[index]!.length + file.size + lineEnd.length),
    ofTexts,
  )
  const contentType = `multipart/form-data; boundary=${boundary}`
  return { filename: 'form', contentType, size, body: Readable.from(parts(), { objectMode: false }) }
}

/** The file as the only part of a form. `field`: the name of the part. */
export function toMultipart(file: UploadedFile, field: string): UploadedFile {
  const form = toForm([], [{ ...file, field, open: () => file.body }])
  file.body.once('error', (error) => form.body.destroy(error))
  return { ...form, filename: file.filename }
}

/** As browsers do (the HTML standard, "multipart/form-data encoding algorithm"): no character of a name can end the header. */
function quote(name: string): string {
  return name.replace(/["\r\n]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
