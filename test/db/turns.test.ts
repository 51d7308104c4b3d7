import { expect, test } from 'vitest'
import { openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

test('the embedded database lets what was asked of others in the same turn leave before it works', async () => {
  const store = await openTestStore({ findSource: findTestSource })
  const request = {
    filter: {},
    order: { field: 'UPDATED_AT', direction: 'DESC' },
    position: null,
    limit: 10,
  } as const
  // What has been prepared once takes no more than one turn.
  await store.tickets.list('vcc', request)
  const order: string[] = []
  const read = store.tickets.list('vcc', request).then(() => order.push('read'))
  // As the HTTP client does: it writes at the end of the turn in which a call was made, some promises later.
  await Promise.resolve()
  setImmediate(() => order.push('call'))
  await read
  expect(order).toEqual(['call', 'read'])
  await store.close()
})
