import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { openTestStore } from '../support/databases.ts'
import { createIngestionFixture, createTestClock, findTestSource, vccEvent, wasabiEvent } from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
let fixture: ReturnType<typeof createIngestionFixture>

beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
  fixture = createIngestionFixture(store, clock)
}, 120_000)
afterAll(() => store.close())

/** Stores a dead letter that can be decoded now, as after an update of the gateway. Returns its id. */
async function insertDeadLetter(raw: string, receivedAt = new Date(clock()).toISOString()): Promise<string> {
  const deadLetter = {
    sourceKey: 'vcc',
    eventId: null,
    raw: Buffer.from(raw),
    problem: 'unknown to an older version',
    receivedAt,
  }
  await store.events.insert([], [deadLetter])
  return (await fixture.listDeadLetters())[0]!.id
}

describe('dead letters', () => {
  test('keep the bytes and the problem of an event that cannot be understood, which is acknowledged (WEBHOOK-06)', async () => {
    expect(await fixture.send('vcc', Buffer.from([0xff, 0xfe, 0x00]))).toMatchObject({ status: 200 })
    expect(await fixture.send('vcc', '{"action":"merge","ticket":{"ticketId":1,"projectId":1}}')).toMatchObject({ status: 200 })
    const [merge, bytes, ...others] = await fixture.listDeadLetters()
    expect(others).toEqual([])
    expect(bytes).toMatchObject({ problem: 'The body is not UTF-8: it has FF as byte 1.', state: 'HELD' })
    expect(merge).toMatchObject({ body: { action: 'merge' }, state: 'HELD' })
  })

  test('stay held when a replay fails again, and can be discarded', async () => {
    await fixture.send('vcc', '{"action":"merge","ticket":{"ticketId":2,"projectId":1}}')
    const id = (await fixture.listDeadLetters())[0]!.id
    expect(await fixture.deadLetters.replay(id)).toMatchObject({ state: 'HELD' })
    expect(await fixture.deadLetters.discard(id, 'not ours')).toMatchObject({ state: 'DISCARDED' })
    expect(await fixture.deadLetters.replay(id)).toMatchObject({ state: 'DISCARDED' })
    expect(await fixture.deadLetters.discard('nonsense', 'x')).toBeNull()
  })

  test('are applied by a replay once they can be understood', async () => {
    const id = await insertDeadLetter(vccEvent('add', 60, { title: 'replayed' }))
    expect(await fixture.deadLetters.replay(id)).toMatchObject({ state: 'REPLAYED' })
    await fixture.ingestion.idle()
    expect(await fixture.ticket('vcc', '1-60')).toMatchObject({ title: 'replayed' })
  })

  test('count as of their first arrival when they are replayed: later events are not overwritten', async () => {
    const firstAt = new Date(clock()).toISOString()
    const update = await insertDeadLetter(vccEvent('update', 61, { title: 'older', description: 'said once' }), firstAt)
    clock.advance(120_000)
    await fixture.send('vcc', vccEvent('update', 61, { title: 'newer' }))
    const updatedAt = (await fixture.ticket('vcc', '1-61'))?.updatedAt
    expect(await fixture.deadLetters.replay(update)).toMatchObject({ state: 'REPLAYED' })
    await fixture.ingestion.idle()
    expect(await fixture.ticket('vcc', '1-61')).toMatchObject({ title: 'newer', description: 'said once', updatedAt })
    const deletion = await insertDeadLetter(vccEvent('delete', 61), firstAt)
    await fixture.deadLetters.replay(deletion)
    await fixture.ingestion.idle()
    expect(await fixture.ticket('vcc', '1-61')).toMatchObject({ title: 'newer', deletedAt: firstAt, updatedAt })
  })

  test('are found by their global ids in the order asked for, and only under the key of their source', async () => {
    const id = await insertDeadLetter('not JSON')
    const [found] = await fixture.listDeadLetters()
    const rowId = Buffer.from(id, 'base64url').toString().split(':').at(-1)!
    const ofAnotherSource = encodeId('deadLetter', 'rbi', '', rowId)
    expect(await fixture.deadLetters.find(['nonsense', id, ofAnotherSource])).toEqual([null, found, null])
  })

  test('are listed newest first in pages, and only for the sources asked for', async () => {
    const all = (await fixture.listDeadLetters()).map(({ id }) => id)
    const first = await fixture.deadLetters.list({ first: 2, after: null, sourceKeys: ['vcc'] })
    expect([first.items.map(({ node }) => node.id), first.hasNextPage]).toEqual([all.slice(0, 2), true])
    const second = await fixture.deadLetters.list({ first: 100, after: first.items[1]!.cursor, sourceKeys: ['vcc'] })
    expect([second.items.map(({ node }) => node.id), second.hasNextPage]).toEqual([all.slice(2), false])
    expect((await fixture.deadLetters.list({ first: 10, after: null, sourceKeys: ['rbi'] })).items).toEqual([])
    await expect(fixture.deadLetters.list({ first: 1, after: 'nonsense', sourceKeys: null })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    })
  })

  test('WEBHOOK-23 are replayed together: one that fails again is held with its problem and comes last the next time', async () => {
    const all = await fixture.deadLetters.list({ first: 100, after: null, sourceKeys: ['rbi'] })
    for (const { node } of all.items) await fixture.deadLetters.discard(node.id, 'not of this test')
    const insert = async (raw: string) => {
      const deadLetter = {
        sourceKey: 'rbi',
        eventId: null,
        raw: Buffer.from(raw),
        problem: 'old',
        receivedAt: new Date(clock()).toISOString(),
      }
      await store.events.insert([], [deadLetter])
    }
    const good = (id: string) => JSON.stringify({ id, type: 'GENERAL', category: 'other' })
    for (const raw of ['bad 1', good('bulk-1'), 'bad 2', good('bulk-2'), good('bulk-3')]) await insert(raw)
    expect(await fixture.deadLetters.replayMany('rbi', 3)).toEqual({ subject: 'rbi', done: 1, failed: 2, userErrors: [] })
    clock.advance(1_000)
    // The two that failed do not stand in the way of the others.
    expect(await fixture.deadLetters.replayMany('rbi', 2)).toEqual({ subject: 'rbi', done: 2, failed: 0, userErrors: [] })
    expect(await fixture.deadLetters.replayMany('rbi', 100)).toMatchObject({ done: 0, failed: 2 })
    await fixture.ingestion.idle()
    for (const id of ['bulk-1', 'bulk-2', 'bulk-3']) expect(await fixture.ticket('rbi', id)).not.toBeNull()
    const held = (await fixture.deadLetters.list({ first: 5, after: null, sourceKeys: ['rbi'] })).items.map(({ node }) => node)
    expect(held.map(({ state }) => state)).toEqual(['REPLAYED', 'REPLAYED', 'HELD', 'REPLAYED', 'HELD'])
    expect(held[4]!.problem).not.toBe('old')
    expect(await fixture.deadLetters.replayMany('nope', 10)).toMatchObject({ done: 0, failed: 0 })
  })

  test('keep the original bytes of an event that is not UTF-8, of every source, and a list keeps its good events (DECISION-42)', async () => {
    const latin1 = (text: string) => Buffer.from(text, 'latin1')
    const rbi = latin1('{"id":"latin-1","type":"GENERAL","category":"other","comments":"caf\u00e9"}')
    const vcc = latin1(vccEvent('add', 70, { title: 'caf\u00e9' }))
    const wasabi = latin1(wasabiEvent('latin-1', { ticketOrigin: 'caf\u00e9' }))
    const list = Buffer.concat([Buffer.from(`[${wasabiEvent('utf-1')},`), wasabi, Buffer.from(`,${wasabiEvent('utf-2')}]`)])
    for (const [source, bytes] of [
      ['rbi', rbi],
      ['vcc', vcc],
      ['wasabi', list],
    ] as const) {
      expect((await fixture.send(source, bytes)).status).toBeLessThan(300)
    }
    const held = await store.events.listDeadLetters({ sourceKeys: ['rbi', 'vcc', 'wasabi'], before: null, limit: 3 })
    expect(held.map(({ raw }) => raw.toString('hex'))).toEqual([wasabi, vcc, rbi].map((bytes) => bytes.toString('hex')))
    for (const { problem } of held) expect(problem).toMatch(/^The body is not UTF-8: it has E9 as byte \d+\.$/)
    const [shown] = await fixture.listDeadLetters()
    expect(shown).toMatchObject({ state: 'HELD', body: expect.stringContaining('caf\ufffd') })
    expect(await fixture.deadLetters.replay(shown!.id)).toMatchObject({ state: 'HELD', problem: held[0]!.problem })
    expect(await fixture.ticket('wasabi', 'utf-2')).not.toBeNull()
  })

  test('are none for an event behind a byte order mark (DECISION-42)', async () => {
    const before = (await fixture.listDeadLetters()).length
    await fixture.send('vcc', `\ufeff${vccEvent('add', 71)}`)
    await fixture.send('rbi', '\ufeff{"id":"bom-1","type":"GENERAL","category":"other"}')
    await fixture.send('wasabi', `\ufeff${wasabiEvent('bom-1')}`)
    await fixture.send('wasabi', `\ufeff{"count":1,"tickets":[${wasabiEvent('bom-2')}]}`)
    await fixture.send('wasabi', `\ufeff${wasabiEvent('bom-3')}\n`, { contentType: 'application/x-ndjson' })
    const found = [
      await fixture.ticket('vcc', '1-71'),
      await fixture.ticket('rbi', 'bom-1'),
      ...(await Promise.all(['bom-1', 'bom-2', 'bom-3'].map((id) => fixture.ticket('wasabi', id)))),
    ]
    expect(found).not.toContain(null)
    expect(await fixture.listDeadLetters()).toHaveLength(before)
  })
})
