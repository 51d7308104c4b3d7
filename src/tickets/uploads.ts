import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import type { Call, Viewer } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { decodeId } from '../domain/ids.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import { type AttachmentDraft, toUserError, type UserError } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import type { Sources } from './ticket-service.ts'
import type { StoredUpload, UploadStore } from './upload-store.ts'

/** A file that a client wants to send. */
export interface CreateUpload {
  readonly source: string
  readonly ticket?: string | null
  readonly filename: string
  readonly size?: number | null
  readonly contentType?: string | null
}

export interface UploadPayload {
  readonly upload: { readonly uploadId: string; readonly url: string; readonly expiresAt: Instant } | null
  readonly userErrors: readonly UserError[]
  /** The fault behind a user error, for the log. */
  readonly failure?: DeskgraphError
}

/** `UNKNOWN`: the address is wrong or has expired. `USED`: the file was received, or is being received. */
export type ReceiveOutcome = 'RECEIVED' | 'UNKNOWN' | 'USED'

/** Passes files on to sources, or keeps them for a day where a source takes them only with a write. */
export interface UploadService {
  /** Checks the file, and gives the address that takes its bytes. A refusal is data. */
  create(input: CreateUpload, sources: Sources, viewer: Viewer): Promise<UploadPayload>
  /**
   * Streams the bytes to the source. Rejects with PAYLOAD_TOO_LARGE, with BAD_REQUEST when the size is not the announced one, and with the
   * source's error; then the file may be sent again.
   */
  receive(address: string, body: Readable, call: Pick<Call, 'signal' | 'requestId'>): Promise<ReceiveOutcome>
}

export interface UploadServiceDeps {
  readonly sources: readonly TicketSource[]
  readonly store: UploadStore
  readonly config: {
    /** Where clients reach the gateway. Absent: no uploads. */
    readonly publicUrl?: string | undefined
    /** The largest file, in bytes. */
    readonly uploadBytes: number
  }
  readonly clock: Clock
}

const lifetimeMs = 5 * 60_000
const maxFilenameLength = 255
const badFilename = /[\p{Cc}/\\]|^\.{1,2}$/u
const mediaType = /^[a-z0-9][\w.+-]{0,126}\/[a-z0-9][\w.+-]{0,126}$/i

export function createUploadService(deps: UploadServiceDeps): UploadService {
  const { store, config, clock } = deps
  return {
    async create(input, sources, viewer) {
      const source = sources.get(input.source)
      if (!source) return refuse({ code: 'NOT_FOUND', message: 'There is no such source.', field: ['input', 'source'] })
      const problem = findProblem(source, input, config)
      if (problem) return refuse(problem)
      const [id, secret] = [randomUUID(), randomBytes(32).toString('base64url')]
      const expiresAt = toInstant(clock() + lifetimeMs)
      const { id: viewerId, email, name } = viewer
      try {
        await store.add({
          id,
          secretDigest: digestOf(secret),
          viewer: { id: viewerId, email, name },
          sourceKey: source.info.key,
          ticketId: input.ticket ?? null,
          filename: input.filename,
          contentType: input.contentType ?? null,
          size: input.size ?? null,
          expiresAt,
        })
      } catch (error) {
        if (!(error instanceof DeskgraphError)) throw error
        return { upload: null, userErrors: [toUserError(error, clock())], failure: error }
      }
      return { upload: { uploadId: id, url: `${config.publicUrl}/uploads/${id}.${secret}`, expiresAt }, userErrors: [] }
    },
    async receive(address, body, call) {
      const [id = '', secret = ''] = address.split('.')
      const upload = await store.find(id)
      if (!upload || !isSecretOf(upload, secret) || upload.expiresAt <= now(clock)) return 'UNKNOWN'
      const source = deps.sources.find(({ info }) => info.key === upload.sourceKey)
      if (!source || !takesUploads(source)) return 'UNKNOWN'
      if (!(await store.claim(id))) return 'USED'
      let sourceRef: string | null = null
      try {
        sourceRef = await send(source, upload, body, { ...call, store, maxBytes: config.uploadBytes })
      } finally {
        await store.finish(id, sourceRef)
      }
      return 'RECEIVED'
    },
  }
}

/** What is wrong with the request; undefined: nothing. */
function findProblem(source: TicketSource, input: CreateUpload, config: UploadServiceDeps['config']): UserError | undefined {
  const { info } = source
  const invalid = (message: string, field: string): UserError => ({ code: 'INVALID', message, field: ['input', field] })
  if (info.capabilities.attachments !== 'UPLOAD' || !takesUploads(source))
    return { code: 'NOT_SUPPORTED', message: `${info.label} takes no uploads.`, field: ['input', 'source'] }
  if (config.publicUrl === undefined)
    return { code: 'NOT_SUPPORTED', message: 'This gateway takes no uploads: it has no `http.publicUrl`.', field: null }
  const ref = input.ticket ? decodeId(input.ticket) : null
  if (input.ticket && (ref?.kind !== 'ticket' || ref.sourceKey !== info.key))
    return invalid('This is not a ticket of the source.', 'ticket')
  if (input.filename.trim() === '' || input.filename.length > maxFilenameLength || badFilename.test(input.filename))
    return invalid('A file name has 1 to 255 characters, and no slashes or control characters.', 'filename')
  const { size, contentType } = input
  if (size != null && !(Number.isSafeInteger(size) && size >= 0 && size <= config.uploadBytes))
    return invalid(`A file has at most ${config.uploadBytes} bytes.`, 'size')
  if (contentType && !mediaType.test(contentType)) return invalid('This is not a media type, such as image/png.', 'contentType')
  return undefined
}

function takesUploads({ uploadFile, attachesFiles }: TicketSource): boolean {
  return uploadFile !== undefined || attachesFiles === true
}

function refuse(userError: UserError): UploadPayload {
  return { upload: null, userErrors: [userError] }
}

type SendOptions = Pick<Call, 'signal' | 'requestId'> & { readonly store: UploadStore; readonly maxBytes: number }

/** Streams with the backpressure of the source. What is too long, too short or broken off fails before the source has its end. */
async function send(
  source: TicketSource,
  { id, viewer, filename, contentType, size, ticketId }: StoredUpload,
  body: Readable,
  { store, maxBytes, ...call }: SendOptions,
): Promise<string> {
  const counted = countBytes(size, maxBytes)
  body.once('error', (error) => counted.destroy(error))
  body.once('close', () => body.readableEnded || counted.destroy(new DeskgraphError('BAD_REQUEST', 'The body broke off.')))
  body.pipe(counted)
  const fault = new Promise<never>((_, reject) => counted.once('error', reject))
  fault.catch(() => {})
  const ticket = ticketId === null ? null : decodeId(ticketId)
  const asViewer = { ...call, viewer: { ...viewer, scopes: new Set<string>(), expiresAt: null } }
  const receive = () =>
    source.uploadFile?.({ filename, contentType, size, body: counted, ...(ticket && { ticket }) }, asViewer) ??
    store.keep(id, counted).then(() => id)
  try {
    return await Promise.race([receive(), fault])
  } finally {
    counted.destroy()
  }
}

function countBytes(size: number | null, maxBytes: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > (size ?? maxBytes))
        done(new DeskgraphError('PAYLOAD_TOO_LARGE', 'The file is larger than announced or allowed.'))
      else done(null, chunk)
    },
    flush(done) {
      const isShort = size !== null && bytes < size
      done(isShort ? new DeskgraphError('BAD_REQUEST', 'The file is shorter than announced.') : null)
    },
  })
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function isSecretOf({ secretDigest }: StoredUpload, secret: string): boolean {
  return timingSafeEqual(Buffer.from(secretDigest), Buffer.from(digestOf(secret)))
}

/** Attachments with the source's own names of the uploads, or what is wrong with them. */
export type ResolveUploads = (
  source: TicketSource,
  drafts: readonly AttachmentDraft[] | null | undefined,
  ticketId: string | null,
) => Promise<readonly AttachmentDraft[] | { readonly userErrors: readonly UserError[] } | null | undefined>

/** An upload belongs to its viewer, its source and its ticket, and is complete. Any other id is INVALID, with one message for all reasons. */
export function createUploadResolver(store: Pick<UploadStore, 'find' | 'open'>, viewer: Viewer): ResolveUploads {
  return async (source, drafts, ticketId) => {
    if (!drafts?.some(({ uploadId }) => uploadId)) return drafts
    const userErrors: UserError[] = []
    const resolved: AttachmentDraft[] = []
    for (const [index, draft] of drafts.entries()) {
      const upload = draft.uploadId ? await store.find(draft.uploadId) : null
      const isUsable =
        upload?.viewer.id === viewer.id &&
        upload.sourceKey === source.info.key &&
        (upload.ticketId === null || upload.ticketId === ticketId)
      if (isUsable && upload.sourceRef !== null) {
        const { id, contentType, size, sourceRef } = upload
        const open = source.attachesFiles && { size, open: () => store.open(id) }
        resolved.push({ contentType, size, ...draft, uploadId: sourceRef, ...open })
        continue
      }
      const field = ['input', 'attachments', String(index), 'uploadId']
      userErrors.push({ code: 'INVALID', message: 'This is not a finished upload of yours to this source and ticket.', field })
    }
    return userErrors.length > 0 ? { userErrors } : resolved
  }
}
