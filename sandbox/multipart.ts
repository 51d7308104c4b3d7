import type { SimulatorRequest } from './simulator.ts'

/** A part of a multipart form. */
export interface FormPart {
  readonly field: string
  /** Null: a value, not a file. */
  readonly filename: string | null
  readonly mimeType: string
  readonly bytes: Buffer
}

/** A file of a multipart form. */
export interface FormFile extends FormPart {
  readonly filename: string
}

const lineEnd = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')

/** The parts of a `multipart/form-data` body (RFC 7578), in their order. */
export function readParts({ headers, body }: Pick<SimulatorRequest, 'headers' | 'body'>): readonly FormPart[] {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(headers['content-type'] ?? '')
  if (!boundary) return []
  return partsOf(body, Buffer.from(`--${boundary[1] ?? boundary[2]}`)).flatMap((part) => toPart(part) ?? [])
}

/** The files of a form. Parts without a file name are left out. */
export function readFiles(request: Pick<SimulatorRequest, 'headers' | 'body'>): readonly FormFile[] {
  return readParts(request).filter((part): part is FormFile => part.filename !== null)
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

function toPart(part: Buffer): FormPart | null {
  const split = part.indexOf(headEnd)
  if (split < 0) return null
  const head = part.subarray(0, split).toString('utf8')
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? ''
  const field = /\bname="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]
  if (field === undefined) return null
  const extended = /\bfilename\*=utf-8''([^;\s]+)/i.exec(disposition)?.[1]
  const plain = /\bfilename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]
  const mimeType = /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? 'application/octet-stream'
  return { field, filename: filenameOf(extended, plain), mimeType, bytes: part.subarray(split + headEnd.length) }
}

function filenameOf(extended: string | undefined, plain: string | undefined): string | null {
  if (extended !== undefined) return decodeURIComponent(extended)
  return plain === undefined ? null : plain.replace(/\\(.)/g, '$1').replaceAll('%22', '"')
}
