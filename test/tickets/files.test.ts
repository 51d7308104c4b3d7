import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { Viewer } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import type { Attachment } from '../../src/domain/ticket.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { createFileService, type FileServiceDeps } from '../../src/tickets/files.ts'
import { createMemorySource } from '../support/memory-source.ts'

const fileKey = 'a key that all replicas have'
const publicUrl = 'https://desk.example'
const attachment: Attachment = {
  id: encodeId('attachment', 'desk', 'acme', 't1#7'),
  filename: 'photo.png',
  url: 'http://vendor.example/files/7',
  size: null,
  contentType: 'image/png',
  expiresAt: null,
  requiresAuth: true,
}
const ann: Viewer = { ...anonymous, id: 'ann', email: 'ann@example.com', name: 'Ann' }
const call = { signal: new AbortController().signal, requestId: 'request-7' }

type OpenFile = NonNullable<TicketSource['openFile']>

const openSpark: OpenFile = async () => ({ size: 5, body: Readable.from([Buffer.from('spark')]) })

/** A file service over one source that opens files this way, at a time that a test can move. */
function createDesk(openFile: OpenFile = openSpark, config: FileServiceDeps['config'] = { publicUrl, fileKey }) {
  const now = { ms: Date.UTC(2026, 0, 1) }
  const sources = [createMemorySource('desk', { methods: { openFile } }), createMemorySource('plain')]
  const service = createFileService({ sources, config, clock: () => now.ms })
  /** The last part of an attachment's address. */
  const addressOf = (changes: Partial<Attachment> = {}, viewer = ann) =>
    service.addressOf({ ...attachment, ...changes }, viewer)!.url.slice(`${publicUrl}/files/`.length)
  const open = (changes: Partial<Attachment> = {}) => service.open(addressOf(changes), call)
  return { service, now, addressOf, open }
}

describe('the address of a file', () => {
  it('is below the public address of the gateway, in characters of base64url', () => {
    const { url } = createDesk().service.addressOf(attachment, ann)!
    expect(url).toMatch(/^https:\/\/desk\.example\/files\/[\w-]{40,}$/)
  })

  it('opens the file as the viewer to whom it was given, without the rights of any scope', async () => {
    const asked: Parameters<OpenFile>[] = []
    const { open } = createDesk(async (...given) => {
      asked.push(given)
      return openSpark(...given)
    })
    const file = await open()
    expect(file).toMatchObject({ filename: 'photo.png', contentType: 'image/png', size: 5 })
    expect(await text(file!.body)).toBe('spark')
    expect(asked).toEqual([
      [
        { kind: 'attachment', sourceKey: 'desk', tenant: 'acme', externalId: 't1#7' },
        {
          ...call,
          viewer: { id: 'ann', email: 'ann@example.com', name: 'Ann', scopes: new Set(), expiresAt: null },
        },
      ],
    ])
  })

  it.each([
    ['its id cannot be read', { id: 'nonsense' }],
    ['its source opens no files', { id: encodeId('attachment', 'plain', '', 't1#7') }],
    ['its source is not known', { id: encodeId('attachment', 'gone', '', 't1#7') }],
  ])('is none where %s', (_, changes) => {
    expect(createDesk().service.addressOf({ ...attachment, ...changes }, ann)).toBeNull()
  })

  it('is none where the gateway has no public address', () => {
    expect(createDesk(openSpark, { fileKey }).service.addressOf(attachment, ann)).toBeNull()
  })

  it.each([
    ['five minutes, where the sign-in does not end', null, 300],
    ['five minutes, where the sign-in ends later', 301, 300],
    ['the sign-in, where that ends before five minutes are over', 60, 60],
  ])('ends with %s', async (_, signInSeconds, wantedSeconds) => {
    const { service, now, addressOf } = createDesk()
    const viewer = { ...ann, expiresAt: signInSeconds === null ? null : now.ms / 1000 + signInSeconds }
    const end = new Date(now.ms + wantedSeconds * 1000)
    expect(service.addressOf(attachment, viewer)!.expiresAt).toBe(end.toISOString())
    const address = addressOf({}, viewer)
    now.ms = end.getTime() - 1
    expect(await service.open(address, call)).not.toBeNull()
    now.ms = end.getTime()
    expect(await service.open(address, call)).toBeNull()
  })

  it('is null where the source has no such file for this viewer', async () => {
    expect(await createDesk(async () => null).open()).toBeNull()
  })

  it('is never the same twice', () => {
    const { addressOf } = createDesk()
    expect(addressOf()).not.toBe(addressOf())
  })
})

describe('an address that was changed or made up', () => {
  it.each(['', 'AA', 'A'.repeat(37), 'A'.repeat(38), 'A'.repeat(200), '../../etc/passwd', '%00'])(
    'opens nothing: %j',
    async (address) => {
      expect(await createDesk().service.open(address, call)).toBeNull()
    },
  )

  it('opens nothing, in whichever byte it was changed', async () => {
    const { service, addressOf } = createDesk()
    const bytes = Buffer.from(addressOf(), 'base64url')
    // The initialization vector, the content, and the first and the last byte of the tag.
    for (const at of [0, 11, 12, 40, bytes.length - 16, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      expect(await service.open(changed.toString('base64url'), call)).toBeNull()
    }
  })

  it('opens nothing in another spelling of the same bytes', async () => {
    const { service, addressOf } = createDesk()
    expect(await service.open(`${addressOf()}=`, call)).toBeNull()
    expect(await service.open(` ${addressOf()}`, call)).toBeNull()
  })
})

describe('the key of file addresses', () => {
  const isOpenedWith = async (key: string | undefined, address: string) =>
    (await createDesk(openSpark, { publicUrl, fileKey: key }).service.open(address, call)) !== null

  it('opens the addresses of every replica that has it, also where one has it in base64', async () => {
    const address = createDesk().addressOf()
    expect(await isOpenedWith(fileKey, address)).toBe(true)
    expect(await isOpenedWith(`whsec_${Buffer.from(fileKey).toString('base64')}`, address)).toBe(true)
    expect(await isOpenedWith('another key of a replica', address)).toBe(false)
  })

  it('is one of the process where none is configured', async () => {
    const own = createDesk(openSpark, { publicUrl })
    expect(await own.open()).not.toBeNull()
    expect(await isOpenedWith(undefined, own.addressOf())).toBe(false)
  })

  /** AES-256-GCM under a key of HKDF-SHA-256 (RFC 5869), with the Web Crypto API: the vector of 12 bytes, then content and tag. */
  async function sealByHand(content: unknown): Promise<string> {
    const { subtle } = crypto
    const secret = await subtle.importKey('raw', Buffer.from(fileKey), 'HKDF', false, ['deriveKey'])
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: Buffer.from('deskgraph files') }
    const key = await subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const encrypted = await subtle.encrypt({ name: 'AES-GCM', iv }, key, Buffer.from(JSON.stringify(content)))
    return Buffer.concat([iv, Buffer.from(encrypted)]).toString('base64url')
  }
  const inAnHour = Date.UTC(2026, 0, 1, 1)

  it('seals in a form that does not change: replicas of two versions run side by side during a deployment', async () => {
    const content = [attachment.id, 'ann', null, null, inAnHour, 'photo.png', null, null]
    expect(await createDesk().service.open(await sealByHand(content), call)).toMatchObject({
      filename: 'photo.png',
      contentType: null,
    })
  })

  it('opens nothing for an id that cannot be read', async () => {
    const content = ['nonsense', 'ann', null, null, inAnHour, 'photo.png', null, null]
    expect(await createDesk().service.open(await sealByHand(content), call)).toBeNull()
  })

  it('opens nothing of a source that is no longer configured', async () => {
    const content = [encodeId('attachment', 'gone', '', 't1#7'), 'ann', null, null, inAnHour, 'photo.png', null, null]
    expect(await createDesk().service.open(await sealByHand(content), call)).toBeNull()
  })
})

describe('the size of a file', () => {
  const otherFile = {
    code: 'UPSTREAM_BAD_RESPONSE',
    source: 'desk',
    message: 'The source sent another file than its ticket has.',
  }
  /** Opens a file of five bytes. `said`: the size that the source says beforehand; `known`: the one that the ticket has. */
  const openFive = (said: number | null, known: number | null) => {
    const body = Readable.from([Buffer.from('sp'), Buffer.from('ark')])
    return { body, file: createDesk(async () => ({ size: said, body })).open({ size: known }) }
  }

  it.each([
    [5, 5],
    [5, null],
    [null, 5],
    [null, null],
  ])('is as the source says it (%s), where its ticket says %s', async (said, known) => {
    const { file } = openFive(said, known)
    expect((await file)?.size).toBe(said)
    expect(await text((await file)!.body)).toBe('spark')
  })

  it.each([4, 6, 0])(
    'of %i bytes on the ticket refuses a file for which the source says 5, and ends its transfer',
    async (known) => {
      const { body, file } = openFive(5, known)
      await expect(file).rejects.toMatchObject(otherFile)
      expect(body.destroyed).toBe(true)
    },
  )

  it.each([4, 6, 0])(
    'of %i bytes on the ticket lets a file of 5 bytes fail at its end, where the source says no size',
    async (known) => {
      const { file } = openFive(null, known)
      await expect(buffer((await file)!.body)).rejects.toMatchObject(otherFile)
    },
  )
})

describe('the body of a file whose size only its ticket has', () => {
  it('fails with the error of its source', async () => {
    const broken = new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'The file broke off.', { source: 'desk' })
    async function* half() {
      yield Buffer.from('sp')
      throw broken
    }
    const file = await createDesk(async () => ({ size: null, body: Readable.from(half()) })).open({ size: 5 })
    await expect(text(file!.body)).rejects.toBe(broken)
  })

  it('ends the transfer from the source when the client has disconnected', async () => {
    const body = new Readable({ read() {} })
    const ended = new Promise<void>((resolve) => body.once('close', resolve))
    const file = await createDesk(async () => ({ size: null, body })).open({ size: 5 })
    file!.body.destroy()
    await ended
    expect(body.destroyed).toBe(true)
  })
})
