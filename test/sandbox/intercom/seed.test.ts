import { describe, expect, it } from 'vitest'
import { createIntercom } from '../../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { openWorkspace, story } from './workspace.ts'

const until = Date.parse('2026-03-02T00:00:00Z')

// biome-ignore lint/suspicious/noExplicitAny: tickets of a vendor, compared as a whole
async function ticketsOf(count: number): Promise<any[]> {
  const workspace = await openWorkspace({ count })
  const { body } = await workspace.search('created_at', '>', 0)
  await workspace.close()
  return body.tickets
}

describe('the tickets of the workspace', () => {
  it('are the same for the same seed and day', () => {
    const make = (seed: string) =>
      createIntercom({ random: createRandom(seed), until, count: 30, story, token: 't', now: () => until })
    // The first ticket after the ten of the story.
    const id = '215475467632077'
    expect(make('a').tickets()).toBe(30)
    expect(make('a').ticket(id)).toEqual(make('a').ticket(id))
    expect(make('a').ticket(id)).not.toEqual(make('b').ticket(id))
  })

  it('tell the story: its ids, numbers, titles and messages, and what other systems call them', async () => {
    const tickets = await ticketsOf(30)
    const told = story.ticketsOf('intercom', 30)
    expect(told).toHaveLength(10)
    for (const { id, label, title, messages, mirrors, customer, kind } of told) {
      const ticket = tickets.find((one) => one.id === id)
      expect(ticket).toMatchObject({
        ...{ ticket_id: label, category: { complaint: 'Customer', bug: 'Tracker' }[kind as string] ?? 'Back-office' },
        ticket_attributes: { _default_title_: title, _default_description_: messages[0]!.text },
      })
      for (const [name, system] of [
        ['Zendesk ticket', 'zendesk'],
        ['Jira issue', 'jira'],
        ['OneView ticket', 'oneview'],
        ['Verifik ticket', 'verifik'],
      ] as const) {
        const label = mirrors.find((mirror) => mirror.system === system)?.label ?? null
        expect(ticket.ticket_attributes[name]).toBe(label)
      }
      const said = ticket.ticket_parts.ticket_parts.filter((part: { body?: string }) => part.body !== undefined)
      expect(said).toHaveLength(messages.length - 1)
      expect(said.map(({ part_type }: { part_type: string }) => part_type === 'note')).toEqual(
        messages.slice(1).map(({ by }) => by === 'note' || kind !== 'complaint'),
      )
      expect(ticket.contacts.contacts[0].external_id ?? customer.id).toBe(customer.id)
    }
  })

  it('have numbers of their own, and customers and orders of the story', async () => {
    const tickets = await ticketsOf(45)
    expect(new Set(tickets.map(({ ticket_id }) => Number(ticket_id)))).toEqual(
      new Set(Array.from({ length: 45 }, (_, index) => index + 1)),
    )
    const orders = new Set(story.customers.flatMap((customer) => customer.orders.map(({ id }) => id)))
    for (const { ticket_attributes: attributes } of tickets) {
      if (attributes['Order number'] !== undefined) expect(orders).toContain(attributes['Order number'])
    }
  })

  it('are of all categories, states and several languages, resolved and open, closed and not resolved', async () => {
    const tickets = await ticketsOf(150)
    expect(new Set(tickets.map(({ category }) => category))).toEqual(new Set(['Customer', 'Back-office', 'Tracker']))
    expect(new Set(tickets.map(({ ticket_state }) => ticket_state.category)).size).toBe(4)
    expect(new Set(tickets.map(({ open, ticket_state }) => `${open} ${ticket_state.category === 'resolved'}`)).size).toBe(4)
    expect(tickets.some(({ snoozed_until }) => snoozed_until !== undefined)).toBe(true)
    const titles = tickets.map(({ ticket_attributes }) => ticket_attributes._default_title_).join()
    for (const word of ['訂單', 'Pesanan', 'pedido', 'Gutschein', 'ออเดอร์']) expect(titles).toContain(word)
  })

  it('have messages of a teammate who is gone, photos and questions with buttons', async () => {
    const tickets = await ticketsOf(150)
    const parts = tickets.flatMap(({ ticket_parts }) => ticket_parts.ticket_parts)
    expect(tickets.some(({ admin_assignee_id }) => admin_assignee_id === '991267499')).toBe(true)
    expect(parts.some(({ author }) => author.name === 'Jonas Weber')).toBe(true)
    expect(parts.some(({ part_type, body }) => part_type === 'quick_reply' && body === undefined)).toBe(true)
    const photos = parts.flatMap(({ attachments }) => attachments)
    expect(photos[0]).toMatchObject({ type: 'upload', name: 'photo.png', content_type: 'image/png' })
  })

  it('are linked both ways, with the category of the linked ticket', async () => {
    const tickets = await ticketsOf(150)
    const linked = tickets.filter(({ linked_objects }) => linked_objects.total_count > 0)
    expect(linked.length).toBeGreaterThan(5)
    for (const { id, linked_objects } of linked) {
      for (const link of linked_objects.data.filter(({ type }: { type: string }) => type === 'ticket')) {
        const other = tickets.find((one) => one.id === link.id)
        expect(link.category).toBe(other.category)
        expect(other.linked_objects.data).toContainEqual(expect.objectContaining({ type: 'ticket', id }))
      }
    }
    expect(
      linked.some(({ linked_objects }) => linked_objects.data.some(({ type }: { type: string }) => type === 'conversation')),
    ).toBe(true)
  })
})
