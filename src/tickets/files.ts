import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import * as z from 'zod'
import type { Call, Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { toKeyBytes } from '../domain/config-values.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { decodeId } from '../domain/ids.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Attachment } from '../domain/ticket.ts'
import type { OpenedFile, TicketSource } from '../sources/source.ts'

/** A file that a client receives. */
export interface SentFile {
  readonly filename: string
  /** null: the source does not say. */
  readonly contentType: string | null
  /** Bytes; null: not known before the end. */
  readonly size: number | null
  /** It fails where the file breaks off at the source. */
  readonly body: Readable
}

/** Passes files of sources on to clients without storing them. */
export interface FileService {
  /**
   * The address of an attachment for this viewer; null where its source has no `openFile`, or the gateway no public address. It needs no token, because
   * `<img>` sends none: it is the right of the viewer to this one file, and ends after five minutes.
   */
  addressOf(attachment: Attachment, viewer: Viewer): { readonly url: string; readonly expiresAt: Instant } | null
  /** The file of an address; null: the address is wrong or has expired, or the viewer may not see the file. Rejects with the source's error. */
  open(address: string, call: Pick<Call, 'signal' | 'requestId'>): Promise<SentFile | null>
}

export interface FileServiceDeps {
  readonly sources: readonly TicketSource[]
  readonly config: {
    /** Where clients reach the gateway. Absent: files keep the addresses of their sources. */
    readonly publicUrl?: string | undefined
    /** Absent: a key of this process, whose addresses no other replica knows. */
    readonly fileKey?: string | undefined
  }
  readonly clock: Clock
}

const lifetimeMs = 5 * 60_000

/** What an address holds. Short, because it is a part of a URL. */
const sealed = z.tuple([
  z.string().describe('The global id of the attachment.'),
  z.string().describe('The id of the viewer.'),
  z.string().nullable().describe('The e-mail address of the viewer.'),
  z.string().nullable().describe('The name of the viewer.'),
  z.number().describe('When the address ends, in milliseconds since 1970.'),
  z.string().describe('The name of the file.'),
  z.string().nullable().describe('Its media type.'),
  z.number().nullable().describe('Its size in bytes.'),
])

export function createFileService({ sources, config, clock }: FileServiceDeps): FileService {
  const { publicUrl, fileKey } = config
  const seal = createSeal(fileKey === undefined ? randomBytes(32) : (toKeyBytes(fileKey) ?? Buffer.from(fileKey)))
  const withFiles = new Map(sources.filter(({ openFile }) => openFile).map((source) => [source.info.key, source]))
  return {
    addressOf({ id, filename, contentType, size }, viewer) {
      const ref = decodeId(id)
      if (publicUrl === undefined || !ref || !withFiles.has(ref.sourceKey)) return null
      const ends = Math.min(clock() + lifetimeMs, (viewer.expiresAt ?? Number.POSITIVE_INFINITY) * 1000)
      const content: z.infer<typeof sealed> = [id, viewer.id, viewer.email, viewer.name, ends, filename, contentType, size]
      return { url: `${publicUrl}/files/${seal.close(JSON.stringify(content))}`, expiresAt: toInstant(ends) }
    },
    async open(address, call) {
      const text = seal.open(address)
      if (text === null) return null
      const [id, viewerId, email, name, ends, filename, contentType, size] = sealed.parse(JSON.parse(text))
      const ref = decodeId(id)
      if (ends <= clock() || !ref) return null
      const viewer = { id: viewerId, email, name, scopes: new Set<string>(), expiresAt: null }
      const file = await withFiles.get(ref.sourceKey)?.openFile?.(ref, { ...call, viewer })
      if (!file) return null
      if (file.size !== null && size !== null && file.size !== size) {
        file.body.destroy()
        throw otherFile(ref.sourceKey)
      }
      return { filename, contentType, size: file.size, body: failShort(file, size, ref.sourceKey) }
    },
  }
}

/**
 * Where the source does not say beforehand how long its answer is, an end that comes too early looks like the end of the file: then the size that
 * the ticket has of it counts.
 */
function failShort({ size, body }: OpenedFile, expected: number | null, source: string): Readable {
  if (size !== null || expected === null) return body
  let bytes = 0
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(null, chunk)
    },
    flush: (done) => done(bytes === expected ? null : otherFile(source)),
  })
  body.once('error', (error) => checked.destroy(error))
  checked.once('close', () => body.destroy())
  return body.pipe(checked)
}

/** Such as the page of a sign-in that the source answers in place of the file. */
function otherFile(source: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'The source sent another file than its ticket has.', { source })
}

const [ivBytes, tagBytes] = [12, 16]

/**
 * AES-256-GCM: an address can be neither read nor changed without the key. It is bound to the file and the viewer, whose e-mail address would otherwise
 * stand in the logs of every proxy.
 */
function createSeal(secret: Buffer) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'deskgraph files', 32))
  return {
    close(text: string): string {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, content, cipher.getAuthTag()]).toString('base64url')
    },
    /** null: it was not closed with this key. */
    open(address: string): string | null {
      const bytes = Buffer.from(address, 'base64url')
      // The last character of base64url has bits that mean nothing: one address has one spelling.
      if (bytes.toString('base64url') !== address) return null
      if (bytes.length <= ivBytes + tagBytes) return null
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const content = decipher.update(bytes.subarray(ivBytes, -tagBytes))
        return Buffer.concat([content, decipher.final()]).toString('utf8')
      } catch {
        return null
      }
    },
  }
}
