import { expect } from 'vitest'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { WriteResult } from '../../src/domain/writes.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { type Fault, passOn, reset, status } from '../support/fault-proxy.ts'
import type { ContractCheck, Subject, VendorUnderTest, WriteSamples } from './source-fixture.ts'

/** Writes: what is done, what is refused, and what becomes of faults. */
export const writingChecks: readonly ContractCheck[] = [
  {
    name: 'answers a write to a ticket that does not exist with the user error NOT_FOUND',
    async run({ source, fixture }) {
      for (const [name, result] of await writeEverywhere(source, fixture)) {
        expect([name, result]).toMatchObject([name, { outcome: 'REJECTED', ticket: null, userErrors: [{ code: 'NOT_FOUND' }] }])
      }
    },
  },
  {
    name: 'refuses an internal note where it has none, and never sends it as a public message',
    async run({ source, fixture }) {
      if (!source.replyToTicket || source.info.capabilities.notes === 'VERIFIED') return
      const before = fixture.vendor && countWrites(fixture.vendor)
      const note = await source.replyToTicket(fixture.refs[0]!, { body: 'A note', visibility: 'INTERNAL' }, someCall())
      expect(note).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'NOT_SUPPORTED' }] })
      expect(fixture.vendor && countWrites(fixture.vendor)).toBe(before)
    },
  },
  {
    name: 'makes a change that stays, and sends it once',
    async run(subject) {
      await whereWritable(subject, async ({ change, isChanged }, vendor) => {
        const ref = subject.nextWritable()
        const before = countWrites(vendor)
        const result = await change(ref)
        expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
        if (result.ticket) expect(isChanged(result.ticket)).toBe(true)
        expect(await hasChange(subject, ref)).toBe(true)
        expect(countWrites(vendor) - before).toBe(1)
      })
    },
  },
  {
    name: 'writes a public message, which the customer reads, and shows it as PUBLIC',
    async run(subject) {
      if (subject.fixture.writes) await expectMessage(subject, 'PUBLIC', 'Good news for the customer')
    },
  },
  {
    name: 'writes an internal note, which the customer does not read, and shows it as INTERNAL',
    async run(subject) {
      if (subject.fixture.writes && subject.source.info.capabilities.notes === 'VERIFIED')
        await expectMessage(subject, 'INTERNAL', 'Nothing for the customer')
    },
  },
  {
    name: 'opens a ticket that it then finds',
    async run(subject) {
      const { writes } = subject.fixture
      if (!writes?.create || !subject.source.createTicket) return
      const { outcome, ticket, ref } = await subject.source.createTicket(writes.create, someCall())
      expect(outcome).toBe('APPLIED')
      const externalId = ticket?.externalId ?? ref?.externalId ?? ''
      const [found] = await subject.load([{ ...subject.fixture.refs[0]!, externalId }])
      expect(found?.title).toBe(writes.create.title)
    },
  },
  {
    name: 'says REJECTED for a change that its vendor refuses',
    async run(subject) {
      await whereWritable(subject, async ({ change }, vendor) => {
        for (const { status: code, body } of vendor.refusals) {
          const ref = subject.nextWritable()
          const result = await disturbed(vendor, onWrites(status(code, {}, body)), () => change(ref))
          expect([code, result.outcome, result.userErrors.length > 0]).toEqual([code, 'REJECTED', true])
        }
      })
    },
  },
  {
    name: 'never says APPLIED for a change that its vendor drops behind a success',
    async run(subject) {
      await whereWritable(subject, async ({ change }, vendor) => {
        if (!vendor.dropped) return
        const { status: code, body } = vendor.dropped
        const ref = subject.nextWritable()
        const result = await disturbed(vendor, onWrites(status(code, {}, body)), () => change(ref))
        expect([result.outcome, result.userErrors.length > 0]).toEqual(['REJECTED', true])
      })
    },
  },
  {
    name: 'says UNKNOWN for a write whose answer is lost, and sends it once',
    async run(subject) {
      await whereWritable(subject, async ({ change }, vendor) => {
        const ref = subject.nextWritable()
        const before = countWrites(vendor)
        const result = await disturbed(vendor, onWrites(reset('done')), () => change(ref))
        expect([result.outcome, countWrites(vendor) - before]).toEqual(['UNKNOWN', 1])
        expect(await hasChange(subject, ref)).toBe(true)
      })
    },
  },
  {
    name: 'keeps a change done, or unknown, when the read after it fails',
    async run(subject) {
      await whereWritable(subject, async ({ change }, vendor) => {
        const ref = subject.nextWritable()
        let written = false
        const failReadsAfterWrite: Fault = async (exchange) => {
          if (written && exchange.call.method === 'GET') return status(500)(exchange)
          written ||= exchange.call.method !== 'GET'
          await passOn(exchange)
        }
        const result = await disturbed(vendor, failReadsAfterWrite, () => change(ref))
        expect(['APPLIED', 'UNKNOWN']).toContain(result.outcome)
        expect(await hasChange(subject, ref)).toBe(true)
      })
    },
  },
  {
    // The checks before have read the tables of the installation, and this read the people of the ticket.
    name: 'changes a ticket that was read before with three calls at most',
    async run(subject) {
      await whereWritable(subject, async ({ change }, { proxy }) => {
        const ref = subject.nextWritable()
        await subject.load([ref])
        const before = proxy.calls.length
        const { outcome } = await change(ref)
        const calls = proxy.calls.slice(before).map(({ method, path }) => `${method} ${path.split('?')[0]}`)
        expect([outcome, calls.length > 3 ? calls : []]).toEqual(['APPLIED', []])
      })
    },
  },
]

async function whereWritable(
  { fixture }: Subject,
  run: (writes: WriteSamples, vendor: VendorUnderTest) => Promise<void>,
): Promise<void> {
  if (fixture.writes && fixture.vendor) await run(fixture.writes, fixture.vendor)
}

function countWrites({ proxy }: VendorUnderTest): number {
  return proxy.calls.filter(({ method }) => method !== 'GET').length
}

function onWrites(fault: Fault): Fault {
  return (exchange) => (exchange.call.method === 'GET' ? passOn(exchange) : fault(exchange))
}

async function disturbed<T>({ proxy }: VendorUnderTest, fault: Fault, run: () => Promise<T>): Promise<T> {
  proxy.fault(fault)
  try {
    return await run()
  } finally {
    proxy.fault(null)
  }
}

/** By a read past every cache. */
async function hasChange(subject: Subject, ref: EntityRef): Promise<boolean> {
  const [ticket] = await subject.load([ref])
  return ticket != null && subject.fixture.writes!.isChanged(ticket)
}

async function expectMessage(subject: Subject, visibility: 'PUBLIC' | 'INTERNAL', text: string): Promise<void> {
  const { source, fixture } = subject
  if (!source.replyToTicket) return
  const ref = subject.nextWritable()
  const body = `${text} of ${ref.externalId}`
  const result = await source.replyToTicket(ref, { body, visibility }, someCall())
  expect([result.outcome, result.userErrors]).toEqual(['APPLIED', []])
  if (result.message) expect(result.message).toMatchObject({ body, visibility })
  const [ticket] = await subject.load([ref])
  expect(ticket?.messages?.filter((message) => message.body === body)).toMatchObject([{ visibility }])
  const read = await fixture.vendor?.customerReads?.(ref)
  if (read) expect(read.includes(body)).toBe(visibility === 'PUBLIC')
}

/** The name and result of every write that the source has, to a ticket that does not exist. */
async function writeEverywhere(
  source: TicketSource,
  { missing: ref, writes: samples }: Subject['fixture'],
): Promise<[string, WriteResult][]> {
  const call = someCall({ email: 'agent@deskgraph.test' })
  const update = source.info.system === 'oneview' ? { event: 'PICKED_TIME' as const } : { title: 'A title' }
  const writes: [string, Promise<WriteResult> | undefined][] = [
    ['update', source.updateTicket?.(ref, update, call)],
    ['reply', source.replyToTicket?.(ref, { body: 'A reply', visibility: 'PUBLIC' }, call)],
    ['escalate', source.escalateTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['close', source.closeTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['reopen', source.reopenTicket?.(ref, { statusReason: 'a reason' }, call)],
    ['reassign', source.reassignTicket?.(ref, { assignee: 'agent-1' }, call)],
    ['transfer', source.transferTicket?.(ref, { queue: 'dummyqueueid' }, call)],
    ['route', source.routeTicket?.(ref, call)],
    ['change', samples?.change(ref)],
  ]
  return Promise.all(
    writes.flatMap(([name, write]) => (write ? [write.then((result): [string, WriteResult] => [name, result])] : [])),
  )
}
