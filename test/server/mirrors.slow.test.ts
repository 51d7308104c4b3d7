import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// The same complaint in Zendesk, OneView and Jira, as the sandbox tells it. 12 tickets of each system are of the story.

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    sandbox: { counts: { oneview: 36, zendesk: 36, jira: 36, intercom: 36, rbi: 6 }, today: Date.parse('2026-03-02') },
  })
}, 120_000)
afterAll(() => gateway.close())

const links = 'links { kind system externalId ticket { source { key } number title links { kind ticket { externalId } } } }'
const read = async (source: string, externalId: string) =>
  (
    await gateway.ask(
      `query ($source: String!, $id: String!) { ticketByExternalId(source: $source, externalId: $id) { title ${links} } }`,
      { source, id: externalId },
    )
  ).ticketByExternalId

test('a complaint is read from each side: Zendesk, OneView and Jira name each other', async () => {
  const zendesk = await read('zendesk', '1')
  const mirrors = zendesk.links.filter(({ kind }: { kind: string }) => kind === 'MIRROR')
  expect(mirrors).toMatchObject([
    { system: 'oneview', ticket: { source: { key: 'oneview' }, title: 'delivery - wrong address' } },
    { system: 'jira', externalId: 'SUP-1', ticket: { source: { key: 'jira' }, number: 'SUP-1' } },
  ])
  const [oneview, jira] = mirrors
  for (const { ticket } of [oneview, jira]) {
    const back = ticket.links.filter(({ kind }: { kind: string }) => kind === 'MIRROR')
    expect(back).toContainEqual({ kind: 'MIRROR', ticket: { externalId: '1' } })
  }
  expect(await read('jira', '10001')).toMatchObject({ title: jira.ticket.title })
})

test('a mirror in an event-fed source is read from the store', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 100, filter: { sources: ["zendesk"] }) { nodes { links { kind system ticket { source { key } } } } } }',
  )
  const guest = tickets.nodes
    .flatMap((node: { links: { system: string }[] }) => node.links)
    .filter(({ system }: { system: string }) => system === 'rbi')
  expect(guest).toContainEqual({ kind: 'MIRROR', system: 'rbi', ticket: { source: { key: 'rbi' } } })
})

test('a ticket of Intercom and its mirrors name each other', async () => {
  const intercom = await read('intercom', '215470001')
  const mirrors = intercom.links.filter(({ kind }: { kind: string }) => kind === 'MIRROR')
  expect(mirrors.map(({ system }: { system: string }) => system)).toEqual(['zendesk', 'jira'])
  for (const { ticket } of mirrors) expect(ticket.links).toContainEqual({ kind: 'MIRROR', ticket: { externalId: '215470001' } })
})

test('a mirror in a system that is no source keeps its number, and has no ticket', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 100, filter: { sources: ["zendesk"] }) { nodes { links { kind system externalId ticket { id } } } } }',
  )
  const freshdesk = tickets.nodes
    .flatMap((node: { links: { system: string }[] }) => node.links)
    .filter(({ system }: { system: string }) => system === 'freshdesk')
  expect(freshdesk).toContainEqual({ kind: 'MIRROR', system: 'freshdesk', externalId: '1', ticket: null })
})

test('the mirrors of a page take one look-up of keys and one read for each system, and none of a source that the viewer does not see', async () => {
  gateway.sandbox.jira.resetCalls()
  gateway.sandbox.oneview.resetCalls()
  await gateway.ask('{ tickets(first: 100, filter: { sources: ["zendesk"] }) { nodes { links { kind ticket { title } } } } }')
  const { jira, oneview } = gateway.sandbox
  const fetches = jira.callLog().filter(({ path }) => path.endsWith('/issue/bulkfetch'))
  expect(fetches.length).toBe(2)
  // OneView has no batch: each distinct ticket once.
  const ids = oneview.callLog().map(({ path }) => path)
  expect(ids.length).toBe(new Set(ids).size)
})

test('a Jira issue is found by its key, as people write it, and by its id', async () => {
  const zendesk = gateway.sandbox.zendesk
  const write = async (value: string) => {
    const ticket = { custom_fields: [{ id: 26843000000682, value }] }
    const headers = { authorization: `Bearer ${zendesk.token}`, 'content-type': 'application/json' }
    await fetch(`${zendesk.url}/api/v2/tickets/1`, { method: 'PUT', headers, body: JSON.stringify({ ticket }) })
    return (await read('zendesk', '1')).links.filter(({ system }: { system: string }) => system === 'jira')
  }
  expect(await write('sup-2')).toMatchObject([{ externalId: 'sup-2', ticket: { number: 'SUP-2' } }])
  expect(await write('SUP-99999')).toMatchObject([{ externalId: 'SUP-99999', ticket: null }])
  expect(await write('10001')).toMatchObject([{ externalId: '10001', ticket: { number: 'SUP-1' } }])
})
