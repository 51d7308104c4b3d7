import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { rejected } from '../../src/domain/writes.ts'
import type { WriteAnswer } from '../../src/sources/http-client/types.ts'
import { createVerified, type VerifiedCreation, type Wish } from '../../src/sources/verified-write.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

/** A vendor's record of a new ticket. */
interface Wire {
  readonly id: string
  readonly title: string
  readonly tags: readonly string[]
}
const whole: Wire = { id: '7', title: 'New', tags: ['vip'] }
const ref = { kind: 'ticket', sourceKey: 'desk', tenant: '', externalId: '7' } as const
const title: Wish<Wire> = { field: ['input', 'title'], isMet: (one) => one.title === 'New' }
const tags: Wish<Wire> = { field: ['input', 'tags'], isMet: (one) => one.tags.includes('vip') }
const answered = (status: number): WriteAnswer => ({ ended: 'answered', answer: { status, body: {}, readable: true } })
const unavailable = () => new DeskgraphError('UPSTREAM_UNAVAILABLE', 'The desk does not answer.', { source: 'desk' })

interface Options extends Partial<VerifiedCreation<Wire, string>> {
  /** False: the vendor's record is not all of a ticket. */
  readonly isWhole?: boolean
}

async function create(created: Wire | null, { isWhole = true, ...changes }: Options = {}) {
  const sent: string[] = []
  const result = await createVerified<Wire, string>({
    label: 'Desk',
    prepare: async () => ({ body: 'the ticket', wishes: [title, tags] }),
    send: async (body) => {
      sent.push(body)
      return answered(201)
    },
    toRefusal: () => null,
    toCreated: () => created,
    refOf: ({ id }) => ({ ...ref, externalId: id }),
    ...(isWhole && { toTicket: (wire: Wire) => toTicket(toSourceInfo('desk'), wire.id, { title: wire.title }) }),
    ...changes,
  })
  return { result, sent }
}

describe('a ticket that is opened', () => {
  it('is APPLIED with the ticket where the record has all of the input', async () => {
    const { result, sent } = await create(whole)
    expect(result).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: '7', title: 'New' }, userErrors: [] })
    expect(sent).toEqual(['the ticket'])
  })

  it('is APPLIED with a reference where the record is not all of a ticket', async () => {
    const { result } = await create(whole, { isWhole: false })
    expect(result).toEqual({ outcome: 'APPLIED', ticket: null, ref, userErrors: [] })
  })

  it('VERIFIED-01 is PARTIAL where the vendor left out a part of the input', async () => {
    expect((await create({ ...whole, tags: [] })).result).toEqual({
      outcome: 'PARTIAL',
      ticket: null,
      ref,
      userErrors: [{ code: 'SOURCE_REJECTED', message: 'Desk opened the ticket without this.', field: ['input', 'tags'] }],
    })
  })

  it('is judged by the record that is read again, where the answer does not show all', async () => {
    const asked: Wire[] = []
    const stub: Wire = { id: '7', title: '', tags: [] }
    const readAgain = async (created: Wire) => {
      asked.push(created)
      return whole
    }
    expect((await create(stub, { readAgain })).result.outcome).toBe('APPLIED')
    expect(asked).toEqual([stub])
  })

  it('VERIFIED-03 is UNKNOWN, with its reference, where it cannot be read again', async () => {
    for (const readAgain of [() => Promise.reject(unavailable()), async () => null]) {
      const { result } = await create(whole, { readAgain })
      expect(result).toMatchObject({ outcome: 'UNKNOWN', ref, userErrors: [{ code: 'OUTCOME_UNKNOWN' }] })
    }
  })

  it('VERIFIED-03 is UNKNOWN, without a reference, where no answer came, or one without a record', async () => {
    const never = () => {
      throw new Error('there is no answer to read')
    }
    const lost = await create(whole, { send: async () => ({ ended: 'unconfirmed' }), toRefusal: never, toCreated: never })
    expect(lost.result).toMatchObject({ outcome: 'UNKNOWN', ref: null })
    expect((await create(null)).result).toMatchObject({ outcome: 'UNKNOWN', ref: null })
  })

  it('is refused in the words of the vendor', async () => {
    const statuses: number[] = []
    const toRefusal: VerifiedCreation<Wire, string>['toRefusal'] = ({ status }) => {
      statuses.push(status)
      return rejected('INVALID', 'No such queue.')
    }
    const { result } = await create(whole, { send: async () => answered(422), toRefusal })
    expect(result).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'INVALID', message: 'No such queue.' }] })
    expect(statuses).toEqual([422])
  })

  it('is not sent where it could not be prepared, or must not be', async () => {
    const refused = await create(whole, { prepare: async () => rejected('FORBIDDEN', 'No.') })
    expect(refused).toMatchObject({ sent: [], result: { outcome: 'REJECTED', userErrors: [{ code: 'FORBIDDEN' }] } })
    const failed = await create(whole, { prepare: () => Promise.reject(unavailable()) })
    expect(failed).toMatchObject({ sent: [], result: { failure: { code: 'UPSTREAM_UNAVAILABLE' } } })
    await expect(create(whole, { prepare: () => Promise.reject(new TypeError('a defect')) })).rejects.toThrow('a defect')
  })
})
