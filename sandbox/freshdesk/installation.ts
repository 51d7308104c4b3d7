import type { Agent } from './records.ts'

// What the account of the simulator has beside its tickets: agents, groups, companies, products, mailboxes and service levels.

/** When the account was opened. Nothing in it is older. */
export const openedAt = Date.UTC(2022, 4, 2, 8)

/** The address that replies come from. */
export const supportEmail = 'support@sandbox.freshdesk.example'

export interface Group {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly escalateTo: number | null
  readonly unassignedFor: string | null
}
const care: Group = {
  id: 43000110101,
  name: 'Member Care',
  description: 'First line',
  escalateTo: 43000210201,
  unassignedFor: '30m',
}
const billing: Group = {
  id: 43000110102,
  name: 'Billing',
  description: 'Cards and refunds',
  escalateTo: null,
  unassignedFor: null,
}
const catering: Group = {
  id: 43000110103,
  name: 'Office Catering',
  description: 'Companies',
  escalateTo: null,
  unassignedFor: '1h',
}
const shop: Group = {
  id: 43000110104,
  name: 'Gift Shop',
  description: 'Gift cards and goods',
  escalateTo: null,
  unassignedFor: null,
}
const partners: Group = {
  ...{
    id: 43000110105,
    name: 'Restaurant Partners',
    description: 'Talks with restaurants',
    escalateTo: null,
    unassignedFor: null,
  },
}
export const groups: readonly Group[] = [care, billing, catering, shop, partners]

const agent = (id: number, name: string, memberOf: readonly Group[], more: Partial<Agent> = {}): Agent => ({
  ...{ id, name, email: `${name.split(' ')[0]?.toLowerCase()}@sandbox.freshdesk.example`, isAdmin: false, ticketScope: 1 },
  ...{ groupIds: memberOf.map((group) => group.id), occasional: false, language: 'en', timeZone: 'Singapore' },
  ...more,
})

/** The agents. The first is the administrator whose API key the sandbox has. */
export const agents: readonly Agent[] = [
  agent(43000210201, 'Meera Pillai', groups, { isAdmin: true }),
  agent(43000210202, 'Daniel Okafor', [care, shop, partners]),
  agent(43000210203, 'Sofia Quintero', [care, billing], { language: 'es', timeZone: 'Bogota' }),
  agent(43000210204, 'Chia-Hao Lin', [care, catering, partners], { language: 'zh-TW', timeZone: 'Taipei' }),
  agent(43000210205, 'Zofia Kowalska', [billing], { language: 'pl', timeZone: 'Warsaw' }),
  agent(43000210206, 'Anan Boonmee', [catering, care], { language: 'th', timeZone: 'Bangkok' }),
  // Sees the tickets of the own group only.
  agent(43000210207, 'Lukas Weber', [shop], { ticketScope: 2, language: 'de', timeZone: 'Berlin' }),
  // Sees the own tickets only.
  agent(43000210208, 'Inês Ferreira', [care], { ticketScope: 3, occasional: true, language: 'pt-PT', timeZone: 'Lisbon' }),
]

export interface Company {
  readonly id: number
  readonly name: string
  readonly domains: readonly string[]
}
export const companies: readonly Company[] = [
  { id: 43000310301, name: 'Harbour Bank', domains: ['harbourbank.example'] },
  { id: 43000310302, name: 'Kopernik Labs', domains: ['kopernik.example'] },
  { id: 43000310303, name: 'Lotus Design Studio', domains: ['lotus-design.example'] },
]

export const productId = 43000410401
export const emailConfigId = 43000510501

/** Minutes until a response and a resolution are due, by priority. */
export const serviceLevels: Readonly<Record<number, { readonly respond: number; readonly resolve: number }>> = {
  4: { respond: 30, resolve: 4 * 60 },
  3: { respond: 2 * 60, resolve: 12 * 60 },
  2: { respond: 8 * 60, resolve: 24 * 60 },
  1: { respond: 24 * 60, resolve: 3 * 24 * 60 },
}
