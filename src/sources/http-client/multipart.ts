import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { UploadedFile } from '../../domain/writes.ts'

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
