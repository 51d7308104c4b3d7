import { describe, expect, it } from 'vitest'
import { createRandom } from '../../sandbox/random.ts'
import { createStory, type StorySystem } from '../../sandbox/story.ts'

const until = Date.parse('2026-03-02T00:00:00Z')
const hour = 3_600_000
const systems: readonly StorySystem[] = [
  ...(['oneview', 'verifik', 'vcc', 'wasabi', 'rbi', 'zendesk', 'jira', 'intercom', 'freshdesk'] as const),
]
const open = (seed = 'story') => createStory(createRandom(seed), until)

describe('the story of the sandbox', () => {
  const story = open()
  const tickets = systems.flatMap((system) => story.ticketsOf(system, 10_000))

  it('is the same for the same random, and another for another', () => {
    expect(open().ticketsOf('zendesk', 999)).toEqual(story.ticketsOf('zendesk', 999))
    expect(open('other').ticketsOf('zendesk', 999)).not.toEqual(story.ticketsOf('zendesk', 999))
  })

  it('has tickets in nine systems, and no id twice in one', () => {
    for (const system of systems) expect(story.ticketsOf(system, 10_000).length, system).toBeGreaterThan(8)
    expect(new Set(tickets.map(({ system, id }) => `${system}:${id}`)).size).toBe(tickets.length)
    expect(new Set(tickets.map(({ system, label }) => `${system}:${label}`)).size).toBe(tickets.length)
  })

  it('names each mirror on both sides, with the same customer and order', () => {
    const byId = new Map(tickets.map((ticket) => [`${ticket.system}:${ticket.id}`, ticket]))
    for (const ticket of tickets) {
      expect(ticket.mirrors.length, ticket.id).toBeGreaterThan(0)
      for (const { system, id, label } of ticket.mirrors) {
        const mirror = byId.get(`${system}:${id}`)
        expect(mirror?.mirrors).toContainEqual({ system: ticket.system, id: ticket.id, label: ticket.label, url: ticket.url })
        expect([mirror?.label, mirror?.customer.email, mirror?.order.id]).toEqual([label, ticket.customer.email, ticket.order.id])
      }
    }
  })

  it('counts the ids of desks that number their tickets', () => {
    expect(story.ticketsOf('zendesk', 9).map(({ id }) => id)).toEqual(['1', '2', '3'])
    expect(story.ticketsOf('freshdesk', 9).map(({ id }) => id)).toEqual(['1', '2', '3'])
    expect(story.ticketsOf('jira', 9).map(({ id }) => id)).toEqual(['10001', '10002', '10003'])
    expect(story.ticketsOf('jira', 3)[0]?.label).toBe('SUP-1')
  })

  it('gives at most a third of a system, as a prefix', () => {
    expect(story.ticketsOf('zendesk', 30)).toEqual(story.ticketsOf('zendesk', 999).slice(0, 10))
    expect(story.ticketsOf('zendesk', 2)).toEqual([])
  })

  it('has no message before the complaint, after the end of the history, or with an open placeholder', () => {
    for (const { messages, createdAt, updatedAt } of tickets) {
      expect(messages[0]?.at).toBe(createdAt)
      expect(messages.map(({ at }) => at)).toEqual(messages.map(({ at }) => at).toSorted((one, other) => one - other))
      expect(updatedAt).toBeLessThanOrEqual(until)
    }
    expect(JSON.stringify(tickets)).not.toMatch(/\{[a-z]+\}/)
  })

  it('begins with recent complaints in several languages', () => {
    const first = story.ticketsOf('zendesk', 30)
    for (const { createdAt } of first) expect(until - createdAt).toBeLessThan(41 * hour)
    expect(new Set(first.map(({ language }) => language)).size).toBeGreaterThan(4)
    expect(new Set(tickets.map(({ state }) => state))).toEqual(new Set(['new', 'open', 'waiting', 'solved']))
  })
})
