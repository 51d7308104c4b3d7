import { createHmac } from 'node:crypto'
import type { Reply, Route, Simulator, SimulatorRequest } from '../simulator.ts'
import { minuteMs, toIsoSeconds } from '../times.ts'
import type { Call, Endpoints } from './endpoint.ts'
import { noRecord, refused, toFailure } from './errors.ts'
import { type Id, toId } from './json.ts'
import type { Attachment } from './records.ts'
import type { ZendeskState } from './state.ts'
import { type Hosts, printAttachment } from './wire.ts'

const uploadLifetimeMs = 60 * minuteMs
/** The address of a download works for this long at least, and for twice as long at most. */
const addressLifetimeMs = 10 * minuteMs
/** Larger files are refused. */
const maxBytes = 50 * 1024 * 1024

interface Upload {
  readonly expiresAt: number
  readonly attachments: readonly Attachment[]
}

/** The files of the account: those that wait for a comment, and the addresses that all are read at. */
export interface Uploads {
  routes(endpoints: Endpoints, hostsOf: (call: Call) => Hosts): Route[]
  /** Takes the files of the tokens; null when a token is unknown or too old. A token works once. */
  take(tokens: readonly string[], now: number): readonly Attachment[] | null
  /** The path of a download on the files' host. */
  filePath(attachment: Attachment, now: number): string
  /** The files' host. It belongs to another company: credentials of the account are an error there. */
  readonly host: Simulator
}

export function createUploads(state: ZendeskState): Uploads {
  const uploads = new Map<string, Upload>()
  const signatureOf = (id: Id, until: number) =>
    createHmac('sha256', 'files').update(`${id}/${until}`).digest('base64url').slice(0, 22)
  const fileById = (id: Id): Attachment | undefined =>
    state
      .tickets()
      .flatMap(({ comments }) => comments.flatMap(({ attachments }) => attachments))
      .find((one) => one.id === id) ??
    [...uploads.values()].flatMap(({ attachments }) => attachments).find((one) => one.id === id)
  const fresh = (token: string | null, now: number) => {
    const upload = token === null ? undefined : uploads.get(token)
    return upload && now < upload.expiresAt ? upload : undefined
  }
  const download = ({ params, headers }: SimulatorRequest): Reply => {
    if (headers.authorization !== undefined) return { status: 400, body: { error: 'InvalidArgument' } }
    const [id = '', until = '', signature = ''] = (params[0] ?? '').split('.')
    const file = fileById(toId(id) ?? 0n)
    const isValid = file !== undefined && signature === signatureOf(file.id, Number(until)) && state.now() < Number(until)
    return isValid ? { status: 200, headers: { 'content-type': file.contentType }, body: file.bytes } : { status: 404 }
  }
  return {
    routes: (endpoints, hostsOf) => [
      endpoints.on('POST', '/uploads', 'upload', (call) => {
        const token = call.query.get('token') ?? `upload${state.nextId()}`
        const name = call.query.get('filename')
        if (name === null || name === '') return refused(400, 'BadRequest', 'filename is missing')
        if (call.bytes.length > maxBytes) return refused(413, 'AttachmentTooLarge', 'The file is larger than 50 MB')
        const contentType = call.query.get('content_type') ?? call.headers['content-type'] ?? 'application/binary'
        const attachment = { id: state.nextId(), name, contentType, bytes: call.bytes }
        const attachments = [...(fresh(token, call.now)?.attachments ?? []), attachment]
        const expiresAt = call.now + uploadLifetimeMs
        uploads.set(token, { attachments, expiresAt })
        const print = (file: Attachment) => printAttachment(file, hostsOf(call))
        const upload = {
          token,
          expires_at: toIsoSeconds(expiresAt),
          attachment: print(attachment),
          attachments: attachments.map(print),
        }
        return { status: 201, body: { upload } }
      }),
      endpoints.on('DELETE', '/uploads/:text', 'upload', (call) =>
        uploads.delete(call.params[0] ?? '') ? { status: 204 } : noRecord,
      ),
      endpoints.on('GET', '/attachments/:id', 'attachment', (call) => {
        const file = fileById(toId(call.params[0]) ?? 0n)
        return file ? { status: 200, body: { attachment: printAttachment(file, hostsOf(call)) } } : noRecord
      }),
    ],
    take(tokens, now) {
      const found = tokens.map((token) => fresh(token, now))
      if (found.includes(undefined)) return null
      for (const token of tokens) uploads.delete(token)
      return found.flatMap((upload) => upload!.attachments)
    },
    filePath({ id, name }, now) {
      const until = (Math.floor(now / addressLifetimeMs) + 2) * addressLifetimeMs
      return `/attachments/token/${id}.${until}.${signatureOf(id, until)}/?name=${encodeURIComponent(name)}`
    },
    host: {
      routes: [{ method: 'GET', path: /^\/attachments\/token\/([^/]+)\/$/, operation: 'download', handle: download }],
      authorise: () => null,
      failure: toFailure,
      tickets: () => 0,
      ticket: () => undefined,
      changeOne: () => [],
    },
  }
}
