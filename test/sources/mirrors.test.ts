import { describe, expect, it } from 'vitest'
import type { CustomField, Ticket, TicketLink } from '../../src/domain/ticket.ts'
import { createMirrors, type MirrorRule, mirrorsConfig } from '../../src/sources/mirrors.ts'

const blocks = {
  support: { system: 'zendesk', url: 'https://acme.zendesk.com' },
  bugs: { system: 'jira', url: 'https://api.atlassian.com/ex/jira/1', siteUrl: 'https://acme.atlassian.net' },
  stores: { system: 'freshdesk', url: 'https://stores.freshdesk.com' },
  offices: { system: 'freshdesk', url: 'https://offices.freshdesk.com' },
}

function field(label: string, text: string | null, key = label): CustomField {
  return { key, label, type: 'TEXT', value: text, text }
}

function linksOf(
  fields: readonly CustomField[] | null,
  rules: readonly MirrorRule[],
  links: Ticket['links'] = [],
  key = 'support',
) {
  return createMirrors(key, rules, blocks)!(links, { number: '7', customFields: fields })
}

const mirror = (system: string, externalId: string, more: Partial<TicketLink> = {}): TicketLink => ({
  ...{ kind: 'MIRROR', system, externalId, category: null, reason: 'Jira issue', creator: null, createdAt: null, url: null },
  ...{ ticketId: null, ...more },
})
const toBugs: MirrorRule = { field: 'Jira issue', source: 'bugs' }

describe('a custom field that names the ticket of another system', () => {
  it('is a link of the kind MIRROR, to the source with this key', () => {
    expect(linksOf([field('Jira issue', 'SUP-12')], [toBugs])).toEqual([mirror('jira', 'SUP-12', { numberIn: 'bugs' })])
    expect(linksOf([field('Any', 'SUP-12', 'customfield_1')], [{ field: 'customfield_1', source: 'bugs' }])).toMatchObject([
      { externalId: 'SUP-12', reason: 'Any', numberIn: 'bugs' },
    ])
  })

  it('leads to the only source of a system, and to none where there are two or none', () => {
    const named = (source: string) => linksOf([field('Jira issue', '3')], [{ field: 'Jira issue', source }])
    expect(named('jira')).toEqual([mirror('jira', '3', { numberIn: 'bugs' })])
    expect(named('freshdesk')).toEqual([mirror('freshdesk', '3')])
    expect(named('SALESFORCE')).toEqual([mirror('SALESFORCE', '3')])
  })

  it('may have several numbers, and a number sign', () => {
    const links = linksOf([field('Jira issue', '#12, SUP-7\n9;SUP-7')], [toBugs])
    expect(links?.map(({ externalId }) => externalId)).toEqual(['12', 'SUP-7', '9'])
  })

  it('may have the address of a page, of which the host has to be that of the source', () => {
    const read = (text: string, rule: Partial<MirrorRule> = {}) => linksOf([field('Jira issue', text)], [{ ...toBugs, ...rule }])
    const ours = 'https://acme.atlassian.net/browse/SUP-12'
    expect(read(ours)).toEqual([mirror('jira', 'SUP-12', { url: ours, numberIn: 'bugs' })])
    const foreign = 'https://other.atlassian.net/browse/SUP-12'
    expect(read(foreign)).toEqual([mirror('jira', 'SUP-12', { url: foreign })])
    expect(read(foreign, { url: 'https://other.atlassian.net' })).toMatchObject([{ externalId: 'SUP-12', numberIn: 'bugs' }])
    expect(read('https://acme.atlassian.net/Ticket/Display.html?id=45')).toMatchObject([{ externalId: '45', numberIn: 'bugs' }])
    expect(read('https://acme.atlassian.net/')).toEqual([])
  })

  it('is no mirror where its text is one about something else', () => {
    expect(linksOf([field('Jira issue', 'ask the customer')], [toBugs])).toEqual([])
    expect(linksOf([field('Jira issue', '../7 a/1 %2f1')], [toBugs])).toEqual([])
    expect(linksOf([field('Jira issue', 'javascript:alert(1)')], [toBugs])).toEqual([])
    expect(linksOf([field('Jira issue', Array.from({ length: 21 }, (_, index) => index).join(' '))], [toBugs])).toEqual([])
    expect(linksOf([field('Jira issue', null)], [toBugs])).toEqual([])
    expect(linksOf(null, [toBugs])).toEqual([])
  })

  it('is no link of a ticket to itself', () => {
    expect(linksOf([field('Jira issue', '7 8')], [{ field: 'Jira issue', source: 'support' }])).toMatchObject([
      { externalId: '8' },
    ])
  })

  it('leaves a ticket whose links were not read as it is', () => {
    expect(linksOf([field('Jira issue', 'SUP-12')], [toBugs], null)).toBe(null)
  })
})

describe('a link of a source that names another system', () => {
  const child: TicketLink = { ...mirror('SALESFORCE', '5003h1'), kind: 'CHILD', reason: 'insufficient money', creator: 'hugo' }

  it('is a MIRROR where the configuration says so, and stays what it is else', () => {
    expect(linksOf([], [{ link: 'salesforce', source: 'stores' }], [child])).toEqual([
      { ...child, kind: 'MIRROR', numberIn: 'stores' },
    ])
    expect(linksOf([], [{ link: 'SALESFORCE', source: 'salesforce' }], [child])).toEqual([{ ...child, kind: 'MIRROR' }])
    expect(linksOf([], [toBugs], [child])).toEqual([child])
  })
})

describe('the configuration of mirrors', () => {
  it('names a field or a link, not both', () => {
    expect(mirrorsConfig.safeParse([toBugs, { link: 'SALESFORCE', source: 'crm' }]).success).toBe(true)
    for (const wrong of [{ source: 'bugs' }, { ...toBugs, link: 'SALESFORCE' }, { field: 'x' }, { ...toBugs, url: 'ftp://x' }]) {
      expect(mirrorsConfig.safeParse([wrong]).success, JSON.stringify(wrong)).toBe(false)
    }
  })

  it('is nothing to do where it is empty', () => {
    expect(createMirrors('support', [], blocks)).toBeUndefined()
    expect(createMirrors('support', undefined, blocks)).toBeUndefined()
  })
})
