import { createHmac } from 'node:crypto'
import type { Reply, Simulator, SimulatorRequest } from '../simulator.ts'
import { minuteMs } from '../times.ts'
import { invalid, toFailure, wrongValue } from './errors.ts'
import type { Input } from './input.ts'
import type { Attachment, Ticket } from './records.ts'
import type { FreshdeskState } from './state.ts'

/** The files of all tickets, on a host of their own. It belongs to another company: credentials are an error there. */
export interface Files {
  /** The address of a file, good for this long from now. */
  urlOf(attachment: Attachment, now: number): string
  readonly host: Simulator
  listensAt(origin: string): void
}

/** How long an address works. */
const addressLifetimeMs = 5 * minuteMs

export function createFiles(state: FreshdeskState): Files {
  let origin = 'http://files.invalid'
  const signatureOf = (path: string, until: number) =>
    createHmac('sha256', 'files').update(`${path}\n${until}`).digest('base64url').slice(0, 24)
  const pathOf = ({ id, name }: Attachment) => `/data/helpdesk/attachments/production/${id}/original/${encodeURIComponent(name)}`
  const download = ({ params, path, query, headers }: SimulatorRequest): Reply => {
    if (headers.authorization !== undefined) return refusal(400, 'InvalidArgument', 'Only one auth mechanism allowed')
    const until = Number(query.get('Expires'))
    const isSigned = query.get('Signature') === signatureOf(path, until)
    if (!isSigned) return refusal(403, 'SignatureDoesNotMatch', 'The signature does not match')
    if (Math.floor(state.now() / 1000) > until) return refusal(403, 'AccessDenied', 'Request has expired')
    const file = allFiles(state).find(({ id }) => id === Number(params[0]))
    if (!file) return refusal(404, 'NoSuchKey', 'The specified key does not exist.')
    return { status: 200, headers: { 'content-type': file.contentType }, body: file.bytes }
  }
  return {
    urlOf(attachment, now) {
      const [path, until] = [pathOf(attachment), Math.floor((now + addressLifetimeMs) / 1000)]
      return `${origin}${path}?Expires=${until}&Signature=${signatureOf(path, until)}`
    },
    listensAt(at) {
      origin = at
    },
    host: {
      routes: [
        {
          ...{
            method: 'GET',
            path: /^\/data\/helpdesk\/attachments\/production\/(\d+)\/original\/[^/]+$/,
            operation: 'download',
          },
          handle: download,
        },
      ],
      authorise: () => null,
      failure: toFailure,
      tickets: () => 0,
      ticket: () => undefined,
      changeOne: () => [],
    },
  }
}

function allFiles(state: FreshdeskState): readonly Attachment[] {
  return state.tickets().flatMap(filesOf)
}

/** All files of a ticket: its own, and those of its conversations. */
function filesOf({ attachments, conversations }: Ticket): readonly Attachment[] {
  return [...attachments, ...conversations.flatMap((one) => one.attachments)]
}

function refusal(status: number, code: string, message: string): Reply {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) }
}

/** A ticket's files together. */
const maxBytes = 20 * 1024 * 1024

/** The files of a write as attachments, or the refusal: those of one ticket may have 20 MB together. */
export function takeFiles(
  state: Pick<FreshdeskState, 'nextId' | 'now'>,
  { files }: Pick<Input, 'files'>,
  ticket: Ticket | undefined,
): readonly Attachment[] | Reply {
  const sizes = [...(ticket ? filesOf(ticket) : []), ...files].map(({ bytes }) => bytes.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (files.length > 0 && total > maxBytes) {
    const megabytes = (total / 1024 / 1024).toFixed(1)
    return invalid(wrongValue('attachments', `Invalid size. The attachments have ${megabytes} MB. They may have 20 MB`))
  }
  return files.map(({ filename, mimeType, bytes }) => ({
    ...{ id: state.nextId(), name: filename, contentType: mimeType, bytes, at: state.now() },
  }))
}
