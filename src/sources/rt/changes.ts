import { Readable } from 'node:stream'
import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { readTime } from '../../domain/instant.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
import {
  type AttachmentDraft,
  type CustomFieldDraft,
  outcomeUnknown,
  rejected,
  type UpdateTicket,
  type UploadedFile,
  type WriteResult,
} from '../../domain/writes.ts'
import { toBase64 } from '../base64-stream.ts'
import { toRecord, toText, toValueTexts } from '../decode.ts'
import { changeTags } from '../dialect.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import { type Change, joinParts, type Part, type Prepared, type VerifiedWrite, type Wish } from '../verified-write.ts'
import type { RtName, RtPart, RtTicket } from './decode.ts'
import type { Rt } from './index.ts'
import { toPrioritySteps, toTicketPriority, toTicketStatus } from './mapping.ts'
import { readWire } from './queries.ts'
import { readLocalTime } from './records.ts'

// The parts of a change: what RT takes for a field of an input, what the ticket then has, and how both are sent and read.

/** The fields of a ticket, as RT takes them. */
export type Body = Readonly<Record<string, unknown>>
type RtChange = Change<RtTicket, Body>
export type PreparedTicket = Prepared<RtTicket, Body>
type TicketPart = Part<RtTicket, Body>
export function join(parts: readonly TicketPart[]): PreparedTicket {
  return joinParts(parts, (bodies) => {
    const fields = Object.assign({}, ...bodies.map((body) => body.CustomFields ?? {}))
    return Object.assign({}, ...bodies, Object.keys(fields).length > 0 && { CustomFields: fields })
  })
}

export function toPart(body: Body, isMet: (after: RtTicket) => boolean, ...field: readonly string[]): RtChange {
  return { body, wishes: [{ field: ['input', ...field], isMet }] }
}

/** A number that already means the priority stays. */
export function toPriorityPart({ info, config }: Rt, before: RtTicket | null, wanted: string): TicketPart {
  const { dialect } = config
  const steps = toPrioritySteps(dialect)
  const index = steps.findIndex(([priority]) => priority === wanted)
  if (index < 0) return rejected('INVALID', `${info.label} has no priority ${wanted}.`, ['input', 'priority'])
  const isMet = ({ priority }: RtTicket) => priority !== null && toTicketPriority(priority, dialect) === wanted
  const number = steps[index]![1] ?? Math.min(0, (steps[1]?.[1] ?? 1) - 1)
  return toPart(before && isMet(before) ? {} : { Priority: number }, isMet, 'priority')
}

/** A status of RT with one of these values, the first value first: one that RT offers now, else any that the dialect has. */
export function toStatusPart(
  { info, config }: Rt,
  before: RtTicket,
  wanted: readonly TicketStatus[],
  ...field: string[]
): TicketPart {
  const { dialect } = config
  const words = [...before.steps.map(({ to }) => to), ...Object.keys(dialect.statuses)]
  const word = wanted.flatMap((status) => words.find((one) => toTicketStatus(one, dialect) === status) ?? [])[0]
  if (word === undefined) return rejected('INVALID', `${info.label} has no such status.`, ['input', ...field])
  return toPart({ Status: word }, ({ status }) => status === word, ...field)
}

export function toTagsPart({ info, config }: Rt, before: RtTicket, { tags, addTags, removeTags }: UpdateTicket): TicketPart {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const name = tags ? 'tags' : addTags?.length ? 'addTags' : 'removeTags'
  const field = before.customFields.find((one) => one.name !== null && one.name === config.dialect.tagsField)
  if (!field) return rejected('NOT_SUPPORTED', `${info.label} has no field for tags here.`, ['input', name])
  return setField(field.id, changeTags(field.values, { tags, addTags, removeTags }), name)
}

/** RT replaces all values of a field by those of a list (RT-06); a null would become an empty value beside the others. */
function setField(id: string, values: readonly string[], ...field: readonly string[]): RtChange {
  const isMet = ({ customFields }: RtTicket) => {
    const present = customFields.find((one) => one.id === id)?.values ?? []
    return present.toSorted().join('\n') === values.toSorted().join('\n')
  }
  return toPart({ CustomFields: { [id]: values } }, isMet, ...field)
}

export async function toFieldParts(
  rt: Rt,
  known: readonly RtName[],
  drafts: readonly CustomFieldDraft[] | null | undefined,
  call: Call,
): Promise<readonly TicketPart[]> {
  const parts = (drafts ?? []).map(async ({ key, value }, index) => {
    const place = ['customFields', String(index)]
    const field = known.find(({ id }) => id === key)
    if (!field) return rejected('INVALID', 'Tickets of this queue have no such field.', ['input', ...place, 'key'])
    return toFieldPart(rt, { id: key, name: field.name, value, place }, call)
  })
  return Promise.all(parts)
}

interface WantedField {
  readonly id: string
  readonly name: string | null
  readonly value: unknown
  readonly place: readonly string[]
}

/** RT makes 1970-01-01 of a day or a time that it cannot read, so these are checked before. */
async function toFieldPart(rt: Rt, { id, name, value, place }: WantedField, call: Call): Promise<TicketPart> {
  const type = rt.config.dialect.customFieldTypes[name ?? '']
  const texts = toValueTexts(value)
  const times = texts.map((text) => readTime(type === 'DATE' ? `${text}T00:00:00Z` : text))
  const isTime = type === 'DATE' || type === 'DATETIME'
  if (isTime && times.includes(null)) return rejected('INVALID', 'This is not a time.', ['input', ...place, 'value'])
  if (type !== 'DATETIME') return setField(id, texts, ...place)
  const toLocalTime = await readLocalTime(rt, call)
  const instants = times.flatMap((time) => (time ? [`${time.instant.slice(0, 19)}Z`] : []))
  const { wishes } = setField(id, instants, ...place)
  const locals = instants.map((instant) => toLocalTime(Date.parse(instant) / 1000))
  return { body: { CustomFields: { [id]: locals } }, wishes }
}

export type Prepare = (before: RtTicket, fresh: Call) => PreparedTicket | Promise<PreparedTicket>

interface Sending {
  readonly operation: string
  readonly method: 'PUT' | 'POST'
  /** Behind the path of the ticket. */
  readonly path: '' | '/correspond' | '/comment'
  readonly files?: readonly AttachmentDraft[]
}

/** A write to a ticket that is read before and after it. */
export function toWrite(
  rt: Rt,
  ref: EntityRef,
  { operation, method, path, files = [] }: Sending,
  prepare: Prepare,
  call: Call,
): VerifiedWrite<RtTicket, Body> {
  const { info, upstream } = rt
  return {
    ref,
    label: info.label,
    read: (fresh) => readWire(rt, ref.externalId, fresh),
    // A write to a merged ticket would change the other one (RT-10).
    prepare: (before, fresh) =>
      before.mergedInto === null
        ? prepare(before, fresh)
        : rejected('CONFLICT', `${info.label} has merged this ticket into the ticket ${before.mergedInto}.`),
    send: ({ ifMatch, ...body }) =>
      upstream.write(
        {
          ...{ operation, method, path: `/REST/2.0/ticket/${ref.externalId}${path}`, ...toContent(body, files) },
          ...(typeof ifMatch === 'string' && { headers: { 'if-match': ifMatch } }),
        },
        call,
      ),
    toRefusal: (answer) => toRefusalOf(rt, ref, answer),
    toTicket: (wire) => rt.toTicket(wire, rt.origin(), true),
  }
}

export const denial = /permission denied/i

/** null: RT took the request, and the ticket tells what was done. */
export function toRefusalOf({ info }: Rt, ref: EntityRef | null, answer: Answer): WriteResult | null {
  if (answer.status < 300) return null
  if (denial.test(toText(toRecord(answer.body)?.message) ?? ''))
    return rejected('FORBIDDEN', `${info.label} does not let you do this.`)
  const written = { ended: 'answered' as const, answer }
  return toWriteResult(written, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField: () => null })
}

/** What a message or a ticket is sent as. */
export function toContent(
  body: Body,
  files: readonly AttachmentDraft[],
): { readonly file: UploadedFile } | { readonly body: Body } {
  return files.length > 0 ? { file: toBodyWithFiles(body, files) } : { body }
}

/** A message or a ticket with files, as RT takes them: base64 within the JSON, written as the files are read. */
function toBodyWithFiles(body: Body, files: readonly AttachmentDraft[]): UploadedFile {
  const start = `${JSON.stringify(body).slice(0, -1)},"Attachments":[`
  const heads = files.map(({ filename, contentType }, index) => {
    // RT takes the name as octets, and would break every letter that is not ASCII (RT-22).
    const octets = Buffer.from(filename, 'utf8').toString('latin1')
    const head = JSON.stringify({ FileName: octets, FileType: contentType ?? 'application/octet-stream' })
    return `${index === 0 ? '' : ','}${head.slice(0, -1)},"FileContent":"`
  })
  const [end, endOfFile] = [']}', '"}']
  async function* write() {
    yield start
    for (const [index, { open }] of files.entries()) {
      yield heads[index]!
      if (open) yield* toBase64(open())
      yield endOfFile
    }
    yield end
  }
  const lengths = files.map(
    ({ size }, index) => Buffer.byteLength(heads[index]!) + Math.ceil((size ?? 0) / 3) * 4 + endOfFile.length,
  )
  const size = lengths.reduce((sum, length) => sum + length, Buffer.byteLength(start) + end.length)
  return { filename: 'message.json', contentType: 'application/json', size, body: Readable.from(write(), { objectMode: false }) }
}

/** RT refuses a file without bytes, and says so only after it has taken the others (RT-22). null: RT can take these. */
export function findEmptyFile(files: readonly AttachmentDraft[]): WriteResult | null {
  const index = files.findIndex(({ size }) => size === 0)
  return index < 0 ? null : rejected('INVALID', 'RT takes no file without bytes.', ['input', 'attachments', String(index)])
}

/** Each file is to be a part of the message, with its name and its size. */
export function toFileWishes(files: readonly AttachmentDraft[]): readonly Wish<RtTicket>[] {
  return files.map(({ filename, size }, index) => ({
    field: ['input', 'attachments', String(index)],
    isMet: ({ messages }) =>
      messages?.some(({ parts }) => parts.some((part) => part.filename === filename && isSameSize(part, size))) === true,
  }))
}

/** RT writes texts anew, as UTF-8. */
function isSameSize(part: RtPart, size: number | null | undefined): boolean {
  return part.size === size || (part.contentType?.startsWith('text/') === true && (part.size ?? 0) > 0)
}
