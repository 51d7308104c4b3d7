import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { rejected, type WriteResult } from '../../src/domain/writes.ts'
import type { WriteAnswer } from '../../src/sources/http-client/types.ts'
import {
  concludeMessage,
  isSameText,
  joinParts,
  type VerifiedWrite,
  type Wish,
  writeVerified,
} from '../../src/sources/verified-write.ts'
import { someCall } from '../support/call.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

/** A record of a vendor with a log of what was written. */
interface Wire {
  readonly title: string
  readonly owner: string
  readonly log: readonly string[]
}
const before: Wire = { title: 'Old', owner: 'ann', log: [] }
const ref = { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: '1' } as const
const ok: WriteAnswer = { ended: 'answered', answer: { status: 200, body: {}, readable: true } }
const title: Wish<Wire> = { field: ['input', 'title'], isMet: (one) => one.title === 'New' }
const owner: Wish<Wire> = {
  field: ['input', 'assignee'],
  isMet: (one) => one.owner === 'ben',
  isLogged: ({ log }) => log.includes('owner ben'),
}
const unavailable = () => new DeskgraphError('UPSTREAM_UNAVAILABLE', 'The desk does not answer.', { source: 'desk' })

async function write(after: Wire | Error | null, changes: Partial<VerifiedWrite<Wire, string>> = {}) {
  const sent: string[] = []
  const result = await writeVerified<Wire, string>(
    {
      ref,
      label: 'Desk',
      read: async (call) => {
        expect(call.fresh).toBe(true)
        if (sent.length === 0) return before
        if (after instanceof Error) throw after
        return after
      },
      prepare: () => ({ body: 'the change', wishes: [title, owner] }),
      send: async (body) => {
        sent.push(body)
        return ok
      },
      toRefusal: () => null,
      toTicket: (wire) => toTicket(toSourceInfo('desk'), '1', { title: wire.title }),
      ...changes,
    },
    someCall(),
  )
  return { result, sent }
}

describe('a verified write', () => {
  it('VERIFIED-01 is APPLIED, PARTIAL or REJECTED by the record as it is afterwards', async () => {
    const all = await write({ title: 'New', owner: 'ben', log: [] })
    expect(all.result).toMatchObject({ outcome: 'APPLIED', ticket: { title: 'New' }, before: { title: 'Old' } })
    expect((await write({ title: 'New', owner: 'ann', log: [] })).result).toMatchObject({
      outcome: 'PARTIAL',
      ref,
      userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'assignee'] }],
    })
    expect((await write(before)).result).toMatchObject({
      outcome: 'REJECTED',
      ticket: null,
      ref: null,
      userErrors: [{ field: ['input', 'title'] }, { field: ['input', 'assignee'] }],
    })
  })

  it('VERIFIED-02 counts what the log shows, where another writer has changed the value since', async () => {
    const { result } = await write({ title: 'New', owner: 'cleo', log: ['owner ben', 'owner cleo'] })
    expect(result.outcome).toBe('APPLIED')
  })

  it('VERIFIED-03 is UNKNOWN, never undone, when anything fails after it was sent', async () => {
    for (const after of [unavailable(), new TypeError('a defect'), null]) {
      const { result, sent } = await write(after)
      expect(result).toMatchObject({ outcome: 'UNKNOWN', ref, userErrors: [{ code: 'OUTCOME_UNKNOWN' }] })
      expect(result.failure).toBeUndefined()
      expect(sent).toEqual(['the change'])
    }
    const lost = await write(before, { send: async () => ({ ended: 'unconfirmed' }) })
    expect(lost.result.outcome).toBe('UNKNOWN')
    const broken = await write({ title: 'New', owner: 'ben', log: [] }, { conclude: () => raise() })
    expect(broken.result.outcome).toBe('UNKNOWN')
  })

  it('sends nothing where the record cannot be read, is not there, or does not allow the change', async () => {
    const unread = await write(before, { read: () => Promise.reject(unavailable()) })
    expect(unread).toMatchObject({ sent: [], result: { outcome: 'REJECTED', failure: { code: 'UPSTREAM_UNAVAILABLE' } } })
    const absent = await write(before, { read: async () => null })
    const text = 'Desk does not know this ticket.'
    expect(absent).toMatchObject({ sent: [], result: { userErrors: [{ code: 'NOT_FOUND', message: text }] } })
    const forbidden = await write(before, { prepare: () => rejected('FORBIDDEN', 'No.') })
    expect(forbidden).toMatchObject({ sent: [], result: { userErrors: [{ code: 'FORBIDDEN' }] } })
    const unprepared = await write(before, { prepare: () => raise(unavailable()) })
    expect(unprepared).toMatchObject({ sent: [], result: { failure: { code: 'UPSTREAM_UNAVAILABLE' } } })
  })

  it('takes the record of the answer, where it has one, and a refusal by its words', async () => {
    const answered = await write(unavailable(), { toAfter: () => ({ title: 'New', owner: 'ben', log: [] }) })
    expect(answered.result.outcome).toBe('APPLIED')
    const silent = await write({ title: 'New', owner: 'ben', log: [] }, { toAfter: () => null })
    expect(silent.result.outcome).toBe('APPLIED')
    const own = await write(before, { conclude: ({ after }) => rejected('CONFLICT', `It is still ${after.title}.`) })
    expect(own.result).toMatchObject({ userErrors: [{ message: 'It is still Old.' }], before: { title: 'Old' } })
    const refused = await write(unavailable(), { toRefusal: () => rejected('CONFLICT', 'Locked.') })
    expect(refused.result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
  })
})

function raise(error: Error = new Error('a defect')): never {
  throw error
}

describe('a message that was written', () => {
  const message = (id: string, visibility: 'PUBLIC' | 'INTERNAL', body = 'Hello') =>
    ({ id, visibility, body, author: null, format: 'TEXT', createdAt: null, attachments: null }) as const
  const thread = (...messages: ReturnType<typeof message>[]): Ticket => toTicket(toSourceInfo('desk'), '1', { messages })
  const conclude = (visibility: 'PUBLIC' | 'INTERNAL', after: Ticket, wishes: readonly Wish<Ticket>[] = []): WriteResult =>
    concludeMessage(
      { before: thread(message('1', 'PUBLIC')), after, wishes },
      { ref, label: 'Desk', input: { body: 'Hello\n', visibility }, toTicket: (ticket) => ticket },
    )

  it('VERIFIED-04 is the new one of this text, and a note that is public is reported', () => {
    const old = message('1', 'PUBLIC')
    expect(conclude('INTERNAL', thread(old, message('2', 'INTERNAL')))).toMatchObject({
      outcome: 'APPLIED',
      message: { id: '2' },
    })
    expect(conclude('INTERNAL', thread(old, message('2', 'PUBLIC'), message('3', 'INTERNAL')))).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'NOTE_BECAME_PUBLIC', field: ['input', 'visibility'] }],
    })
    expect(conclude('PUBLIC', thread(old))).toMatchObject({ userErrors: [{ code: 'SOURCE_REJECTED' }] })
    expect(conclude('PUBLIC', thread(old, message('2', 'INTERNAL')))).toMatchObject({ outcome: 'REJECTED' })
    expect(conclude('PUBLIC', thread(old, message('2', 'PUBLIC', 'Bye')))).toMatchObject({ outcome: 'REJECTED' })
  })

  it('is PARTIAL where what was sent with it is not there', () => {
    const file: Wish<Ticket> = { field: ['input', 'attachments', '0'], isMet: ({ attachments }) => attachments !== null }
    expect(conclude('PUBLIC', thread(message('2', 'PUBLIC')), [file])).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'SOURCE_REJECTED', field: ['input', 'attachments', '0'] }],
      message: { id: '2' },
    })
  })

  it('has the same text with other line ends, and with blanks at its end', () => {
    expect(isSameText('a\r\nb ', 'a\nb')).toBe(true)
    expect(isSameText(null, '')).toBe(true)
    expect(isSameText('a', 'b')).toBe(false)
  })
})

describe('a record of a vendor that has a key `outcome`, or `userErrors`', () => {
  it('is no result', async () => {
    for (const key of ['outcome', 'userErrors']) {
      const record = { ...before, [key]: 'x' }
      const { sent } = await write({ title: 'New', owner: 'ben', log: [] }, { read: async () => record })
      expect(sent).toEqual(['the change'])
    }
  })
})

describe('the parts of a change', () => {
  const merge = (bodies: readonly string[]) => bodies.join('+')
  it('are one change, refused as a whole where one of them is', () => {
    const part = (body: string, wish: Wish<Wire>) => ({ body, wishes: [wish] })
    expect(joinParts([part('a', title), null, part('b', owner)], merge)).toEqual({ body: 'a+b', wishes: [title, owner] })
    expect(joinParts([part('a', title), rejected('INVALID', 'No.')], merge)).toMatchObject({ outcome: 'REJECTED' })
    expect(joinParts<Wire, string>([null], merge)).toMatchObject({
      userErrors: [{ code: 'INVALID', message: 'Say what is to change.', field: ['input'] }],
    })
  })
})
