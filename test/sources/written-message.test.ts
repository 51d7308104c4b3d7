import { describe, expect, it } from 'vitest'
import type { ThreadMessage, Ticket } from '../../src/domain/ticket.ts'
import type { WriteResult } from '../../src/domain/writes.ts'
import { concludeFound, concludeMessage, findUnmet, isSameText, type Wish } from '../../src/sources/verified-write.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const ref = { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: '1' } as const
const message = (id: string, visibility: 'PUBLIC' | 'INTERNAL'): ThreadMessage =>
  ({ id, visibility, body: 'Hello', author: null, format: 'TEXT', createdAt: null, attachments: null }) as ThreadMessage
const thread = (messages: readonly ThreadMessage[] | null) => toTicket(toSourceInfo('desk'), '1', { messages })

interface Case {
  readonly visibility: 'PUBLIC' | 'INTERNAL'
  readonly before?: readonly ThreadMessage[] | null
  readonly after: readonly ThreadMessage[] | null
  readonly wishes?: readonly Wish<Ticket>[]
}
function conclude({ visibility, before = [], after, wishes = [] }: Case): WriteResult {
  return concludeMessage(
    { before: thread(before), after: thread(after), wishes },
    { ref, label: 'Desk', input: { body: 'Hello', visibility }, toTicket: (ticket) => ticket },
  )
}

describe('what a client is told of a message', () => {
  it('that the thread does not have', () => {
    const text = 'Desk did not take the message: the account may not write here.'
    for (const after of [[], null])
      expect(conclude({ visibility: 'PUBLIC', after })).toEqual({
        outcome: 'REJECTED',
        ticket: null,
        ref: null,
        userErrors: [{ code: 'SOURCE_REJECTED', message: text, field: null }],
      })
  })

  it('that is a note, and that the customer sees', () => {
    const text = 'Desk shows this note to the customer: the account has lost its right to internal notes.'
    expect(conclude({ visibility: 'INTERNAL', after: [message('2', 'PUBLIC')] })).toMatchObject({
      outcome: 'PARTIAL',
      ref,
      userErrors: [{ code: 'NOTE_BECAME_PUBLIC', message: text, field: ['input', 'visibility'] }],
      message: { id: '2' },
    })
  })

  it('that is a reply, and that the customer does not see', () => {
    const text = 'Desk has kept this message from the customer: the account may write internal notes only.'
    const input = { body: 'Hello', visibility: 'PUBLIC' } as const
    const unmet = { code: 'SOURCE_REJECTED', message: 'No file.', field: ['input', 'attachments'] } as const
    const result = concludeFound(message('2', 'INTERNAL'), thread([]), [unmet], { ref, label: 'Desk', input })
    expect(result).toMatchObject({
      outcome: 'PARTIAL',
      userErrors: [{ code: 'SOURCE_REJECTED', message: text, field: ['input', 'visibility'] }, unmet],
      message: { id: '2' },
    })
  })

  it('that is as it was asked for', () => {
    for (const visibility of ['PUBLIC', 'INTERNAL'] as const) {
      const result = conclude({ visibility, after: [message('2', visibility)] })
      expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: '1' }, userErrors: [], message: { id: '2' } })
    }
  })
})

describe('the message that was written', () => {
  it('is the last of several notes with the text', () => {
    const after = [message('2', 'INTERNAL'), message('3', 'INTERNAL')]
    expect(conclude({ visibility: 'INTERNAL', after }).message?.id).toBe('3')
  })

  it('is not one that the thread had before', () => {
    const old = message('1', 'PUBLIC')
    expect(conclude({ visibility: 'PUBLIC', before: [old], after: [old] }).outcome).toBe('REJECTED')
    expect(conclude({ visibility: 'PUBLIC', before: null, after: [old] }).outcome).toBe('APPLIED')
  })

  it('has the text with any kind of line end, inside of it and at its end', () => {
    expect(isSameText('a\rb', 'a\nb')).toBe(true)
    expect(isSameText('a\r\nb\r\nc', 'a\nb\nc')).toBe(true)
    expect(isSameText('a\n\nb', 'a\r\nb')).toBe(false)
    expect(isSameText('\n a', 'a')).toBe(true)
    expect(isSameText(undefined, ' ')).toBe(true)
    expect(isSameText(null, 'a')).toBe(false)
  })
})

describe('a wish that did not come true', () => {
  const states = { before: { log: 1 }, after: { log: 2 } }
  const unmet = (wish: Partial<Wish<{ readonly log: number }>>) =>
    findUnmet({ ...states, wishes: [{ field: ['input', 'tags'], isMet: () => false, ...wish }] }, 'Desk')

  it('is told in its own words, else in words for any field', () => {
    const text = 'Desk did not take this: the account may not change it, or the workflow does not allow it.'
    expect(unmet({})).toEqual([{ code: 'SOURCE_REJECTED', message: text, field: ['input', 'tags'] }])
    expect(unmet({ message: 'The tag is locked.' })).toMatchObject([{ message: 'The tag is locked.' }])
  })

  it('is judged by the record after the write, and by what the log has more than before', () => {
    expect(unmet({ isMet: (after) => after.log === 2 })).toEqual([])
    expect(unmet({ isLogged: (after, before) => after.log - before.log === 1 })).toEqual([])
    expect(unmet({ isLogged: () => false })).toHaveLength(1)
  })
})
