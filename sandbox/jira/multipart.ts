import type { SimulatorRequest } from '../simulator.ts'

/** A file of a multipart form. */
export interface FormFile {
  readonly field: string
  readonly filename: string
  readonly mimeType: string
  readonly bytes: Buffer
}

const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')

/** The files of a `multipart/form-data` body (RFC 7578), in their order. Parts without a file name are left out. */
export function readFiles({ headers, body }: Pick<SimulatorRequest, 'headers' | 'body'>): readonly FormFile[] {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(headers['content-type'] ?? '')
  if (!boundary) return []
  return partsOf(body, Buffer.from(`--${boundary[1] ?? boundary[2]}`)).flatMap((part) => toFile(part) ?? [])
}

function partsOf(body: Buffer, delimiter: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = body.indexOf(delimiter)
  while (start >= 0) {
    const next = body.indexOf(delimiter, start + delimiter.length)
    if (next < 0) break
    parts.push(body.subarray(start + delimiter.length + lineEnd.length, next - lineEnd.length))
    start = next
  }
  return parts
}

function toFile(part: Buffer): FormFile | null {
  const split = part.indexOf(headEnd)
  if (split < 0) return null
  const head = part.subarray(0, split).toString('utf8')
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? ''
  const field = /\bname="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]
  const extended = /\bfilename\*=utf-8''([^;\s]+)/i.exec(disposition)?.[1]
  const plain = /\bfilename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]
  if (field === undefined || (extended === undefined && plain === undefined)) return null
  const filename =
    extended === undefined ? (plain ?? '').replace(/\\(.)/g, '$1').replaceAll('%22', '"') : decodeURIComponent(extended)
  const mimeType = /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? 'application/octet-stream'
  return { field, filename, mimeType, bytes: part.subarray(split + headEnd.length) }
}
