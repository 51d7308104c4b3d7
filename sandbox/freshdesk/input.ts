import { type FormFile, readParts } from '../multipart.ts'
import type { Reply, SimulatorRequest } from '../simulator.ts'

/** What a write sends. */
export interface Input {
  readonly values: Readonly<Record<string, unknown>>
  readonly files: readonly FormFile[]
  /** A form has texts where JSON has numbers. */
  readonly isForm: boolean
}

const none: Input = { values: {}, files: [], isForm: false }

/** The body of a write as JSON or as a form, or the refusal. A read has none, even where it names a type. */
export function readInput(request: SimulatorRequest): Input | Reply {
  if (request.method === 'GET' || request.body.length === 0) return none
  const type = request.headers['content-type'] ?? ''
  if (/^multipart\/form-data/i.test(type)) return readForm(request)
  if (!/^application\/json/i.test(type)) return wrongContentType
  return readJson(request.body)
}

const wrongContentType: Reply = {
  ...{ status: 415, body: { code: 'invalid_content_type', message: 'Content-Type header is set to an unsupported type.' } },
}
const wrongJson: Reply = { status: 400, body: { code: 'invalid_json', message: 'Request body has invalid json format' } }

function readJson(body: Buffer): Input | Reply {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isObject(value) ? { ...none, values: value } : wrongJson
  } catch {
    return wrongJson
  }
}

/** `tags[]` is a list, `custom_fields[cf_x]` an entry of an object, and `attachments[]` are files. */
function readForm(request: SimulatorRequest): Input {
  const parts = readParts(request)
  const values: Record<string, unknown> = {}
  for (const { field, filename, bytes } of parts) {
    if (filename === null) put(values, field, bytes.toString('utf8'))
  }
  const files = parts.filter((part): part is FormFile => part.filename !== null && part.field === 'attachments[]')
  const misplaced = parts.filter(({ filename, field }) => filename !== null && field !== 'attachments[]')
  return { values: { ...values, ...Object.fromEntries(misplaced.map(({ field }) => [field, null])) }, files, isForm: true }
}

function put(values: Record<string, unknown>, field: string, text: string): void {
  const [, list] = /^(\w+)\[\]$/.exec(field) ?? []
  const [, object, key] = /^(\w+)\[(\w+)\]$/.exec(field) ?? []
  if (list !== undefined) values[list] = [...((values[list] as string[] | undefined) ?? []), text]
  else if (object !== undefined && key !== undefined) values[object] = { ...(values[object] as object | undefined), [key]: text }
  else values[field] = text
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
