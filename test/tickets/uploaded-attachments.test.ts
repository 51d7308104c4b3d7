import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import type { StoredUpload } from '../../src/tickets/upload-store.ts'
import { createUploadResolver } from '../../src/tickets/uploads.ts'
import { createMemorySource } from '../support/memory-source.ts'

const ticketId = encodeId('ticket', 'desk', '', 't1')
const desk = createMemorySource('desk')
const finished: StoredUpload = {
  id: 'u1',
  secretDigest: '',
  viewer: { id: 'ann', email: null, name: null },
  sourceKey: 'desk',
  ticketId: null,
  filename: 'photo.png',
  contentType: 'image/png',
  size: 9,
  sourceRef: 'token-1',
  expiresAt: '2026-01-01T00:05:00.000Z',
}
const draft = { filename: 'photo.png', uploadId: 'u1' }
const unusable = (index: number) => ({
  code: 'INVALID',
  message: 'This is not a finished upload of yours to this source and ticket.',
  field: ['input', 'attachments', String(index), 'uploadId'],
})

/** Resolves for Ann, over a store that has this one upload. */
function resolverWith(changes: Partial<StoredUpload> = {}) {
  const asked: string[] = []
  const upload = { ...finished, ...changes }
  const store = {
    find: async (id: string) => {
      asked.push(id)
      return id === upload.id ? upload : null
    },
    async *open(id: string) {
      yield Buffer.from(`the bytes of ${id}`)
    },
  }
  return { asked, resolve: createUploadResolver(store, { ...anonymous, id: 'ann' }) }
}

describe('an attachment that names an upload', () => {
  it("has the source's own name of the file, its size and its media type", async () => {
    const { resolve } = resolverWith()
    expect(await resolve(desk, [draft], ticketId)).toEqual([
      { filename: 'photo.png', uploadId: 'token-1', contentType: 'image/png', size: 9 },
    ])
  })

  it('keeps the name and the media type that the message gives it', async () => {
    const { resolve } = resolverWith()
    const own = { ...draft, filename: 'other.bin', contentType: 'application/pdf' }
    expect(await resolve(desk, [own], ticketId)).toMatchObject([{ filename: 'other.bin', contentType: 'application/pdf' }])
  })

  it('has its bytes where the source takes them with the message only', async () => {
    const { resolve } = resolverWith({ sourceRef: 'u1' })
    const resolved = await resolve(createMemorySource('desk', { methods: { attachesFiles: true } }), [draft], ticketId)
    const [one] = resolved as readonly { readonly size?: number | null; readonly open?: () => AsyncIterable<Uint8Array> }[]
    expect(one!.size).toBe(9)
    expect(String(await buffer(one!.open!()))).toBe('the bytes of u1')
  })

  it.each([
    ['this ticket', ticketId, ticketId],
    ['any ticket', null, ticketId],
    ['any ticket, with a new one', null, null],
  ])('may be for %s', async (_, uploadTicket, writtenTicket) => {
    const { resolve } = resolverWith({ ticketId: uploadTicket })
    expect(await resolve(desk, [draft], writtenTicket)).toMatchObject([{ uploadId: 'token-1' }])
  })

  it.each<[string, Partial<StoredUpload>, string | null]>([
    ['is not known', { id: 'u2' }, ticketId],
    ['is of another viewer', { viewer: { id: 'bob', email: null, name: null } }, ticketId],
    ['is for another source', { sourceKey: 'other' }, ticketId],
    ['is for another ticket', { ticketId: encodeId('ticket', 'desk', '', 't2') }, ticketId],
    ['is for a ticket, and the message creates one', { ticketId }, null],
    ['was not received', { sourceRef: null }, ticketId],
  ])('is refused where the upload %s', async (_, changes, written) => {
    const { resolve } = resolverWith(changes)
    expect(await resolve(desk, [draft], written)).toEqual({ userErrors: [unusable(0)] })
  })

  it('is refused at its place among the others', async () => {
    const { resolve } = resolverWith()
    const drafts = [draft, { filename: 'a', uploadId: 'u2' }, { filename: 'b', uploadId: 'u3' }]
    expect(await resolve(desk, drafts, ticketId)).toEqual({ userErrors: [unusable(1), unusable(2)] })
  })
})

describe('attachments by their addresses', () => {
  const byUrl = { filename: 'b.png', url: 'https://files.example/b.png' }

  it.each([[null], [undefined], [[]], [[byUrl]]])('are as they were given, without a look into the store: %j', async (drafts) => {
    const { resolve, asked } = resolverWith()
    expect(await resolve(desk, drafts, ticketId)).toBe(drafts)
    expect(asked).toEqual([])
  })

  it('beside an upload are refused, because no source takes both', async () => {
    const { resolve, asked } = resolverWith()
    expect(await resolve(desk, [draft, byUrl], ticketId)).toEqual({ userErrors: [unusable(1)] })
    expect(asked).toEqual(['u1'])
  })
})
