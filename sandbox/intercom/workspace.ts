import type { StorySystem } from '../story.ts'
import type { Admin, Attribute, Author, Company, DataType, Team, TicketState, TicketType } from './records.ts'

// What the workspace has before the first ticket: teammates, teams, ticket types and their states.

export const workspaceId = 'dg5k2m8x'
export const workspaceName = 'Lunchbox Support'
export const openedAt = Date.UTC(2025, 1, 3, 8)

/** The workspace's time zone: the day of a contact search begins at its midnight, an offset of eight hours all year. */
export const zone = { name: 'Asia/Singapore', offsetMs: 8 * 3_600_000 }

export const teams: readonly Team[] = [
  { id: '5017691', name: 'Orders', distribution: 'round_robin' },
  { id: '5017692', name: 'Payments', distribution: 'balanced' },
  { id: '5017693', name: 'Partner Success', distribution: 'round_robin' },
  { id: '5017694', name: 'Platform', distribution: 'balanced' },
]

const admin = (id: string, name: string, handle: string, teamIds: readonly string[], jobTitle = 'Support Specialist'): Admin => ({
  ...{ id, name, email: `${handle}@lunchbox.example`, jobTitle, teamIds, hasSeat: true, isAway: false },
})

/** The first one owns the access token. */
export const admins: readonly Admin[] = [
  admin('991267501', 'Noor Aziz', 'noor', ['5017691', '5017692', '5017693', '5017694'], 'Head of Support'),
  admin('991267502', 'Mei Lin Koh', 'mei.lin', ['5017691']),
  admin('991267503', 'Rafael Ocampo', 'rafael', ['5017691', '5017692']),
  admin('991267504', 'Anja Brandt', 'anja', ['5017692'], 'Payments Analyst'),
  admin('991267505', 'สุดา วงศ์ทอง', 'suda', ['5017691', '5017693']),
  admin('991267506', 'Camila Duarte', 'camila', ['5017693'], 'Partner Manager'),
  { ...admin('991267507', 'Péter Sipos', 'peter', ['5017694'], 'Site Reliability Engineer'), isAway: true },
  { ...admin('991267508', 'Auditor', 'audit', [], 'Auditor'), hasSeat: false },
]

/** Left the company: old tickets and messages have this teammate, and the list of admins does not. */
export const formerAdmin = admin('991267499', 'Jonas Weber', 'jonas', [])

/** Writes what happens without a person. */
export const bot: Author = { type: 'bot', id: '991267500', name: 'Fin', email: `operator+${workspaceId}@intercom.example` }

const state = (
  id: string,
  category: TicketState['category'],
  internalLabel: string,
  externalLabel = internalLabel,
): TicketState => ({
  ...{ id, category, internalLabel, externalLabel, isArchived: false },
})

export const states: readonly TicketState[] = [
  state('8269', 'submitted', 'Submitted'),
  state('8270', 'in_progress', 'In progress'),
  state('8271', 'waiting_on_customer', 'Waiting on customer', 'Waiting on you'),
  state('8272', 'resolved', 'Resolved'),
  state('8273', 'in_progress', 'Refund with the bank', 'In progress'),
  state('8274', 'in_progress', 'With the restaurant', 'We are checking'),
  state('8275', 'resolved', 'Declined', 'Resolved'),
  { ...state('8276', 'submitted', 'Triage (old)', 'Submitted'), isArchived: true },
]

const plain = ['8269', '8270', '8271', '8272']

interface Extra {
  readonly choices?: readonly string[]
  readonly isMultiline?: boolean
  readonly isRequired?: boolean
  readonly isForContacts?: boolean
}

function attribute(id: number, name: string, dataType: DataType, description: string, extra: Extra = {}): Attribute {
  const defaults = { choices: [], isMultiline: false, isRequired: false, isForContacts: true }
  return { id: String(id), name, dataType, description, ...defaults, ...extra }
}

const titleOf = (id: number) => attribute(id, '_default_title_', 'string', '')
const descriptionOf = (id: number) => attribute(id, '_default_description_', 'string', '', { isMultiline: true })
/** What other systems call the ticket. Integrations write them. */
export const mirrorAttributes: readonly { readonly name: string; readonly system: StorySystem }[] = [
  { name: 'Zendesk ticket', system: 'zendesk' },
  { name: 'Jira issue', system: 'jira' },
  { name: 'OneView ticket', system: 'oneview' },
  { name: 'Verifik ticket', system: 'verifik' },
]

const mirrorsOf = (firstId: number) =>
  mirrorAttributes.map(({ name }, index) => attribute(firstId + index, name, 'string', '', { isForContacts: false }))

const priorityOf = (id: number) =>
  attribute(id, 'Priority', 'list', 'How soon', { choices: ['Low', 'Normal', 'High', 'Urgent'], isForContacts: false })

export const ticketTypes: readonly TicketType[] = [
  {
    ...{ id: '53', category: 'Customer', name: 'Order problem', description: 'Late, wrong or incomplete orders', icon: '🍱' },
    attributes: [
      titleOf(160),
      descriptionOf(161),
      attribute(162, 'Order number', 'string', 'As in the app', { isRequired: true }),
      priorityOf(163),
      attribute(164, 'Minutes late', 'integer', 'By the map', { isForContacts: false }),
      attribute(165, 'Photo', 'files', 'What arrived'),
      attribute(166, 'Delivered on', 'datetime', 'By the rider app', { isForContacts: false }),
      ...mirrorsOf(530),
    ],
    ...{ stateIds: [...plain, '8274', '8275', '8276'], isArchived: false },
  },
  {
    ...{ id: '54', category: 'Customer', name: 'Refund', description: 'Money that has to go back', icon: '💳' },
    attributes: [
      titleOf(170),
      descriptionOf(171),
      attribute(172, 'Order number', 'string', 'As in the app', { isRequired: true }),
      attribute(173, 'Amount', 'decimal', 'In the currency of the order'),
      attribute(174, 'Approved', 'boolean', 'By Payments', { isForContacts: false }),
      priorityOf(175),
      ...mirrorsOf(540),
    ],
    ...{ stateIds: [...plain, '8273', '8275'], isArchived: false },
  },
  {
    ...{ id: '55', category: 'Back-office', name: 'Restaurant follow-up', description: 'For Partner Success', icon: '🍳' },
    attributes: [
      titleOf(180),
      descriptionOf(181),
      attribute(182, 'Restaurant', 'string', 'Its name', { isForContacts: false }),
      priorityOf(183),
      ...mirrorsOf(550),
    ],
    ...{ stateIds: [...plain, '8274'], isArchived: false },
  },
  {
    ...{ id: '56', category: 'Tracker', name: 'Incident', description: 'One cause of many tickets', icon: '🚨' },
    attributes: [
      titleOf(190),
      descriptionOf(191),
      attribute(192, 'Component', 'list', 'What is broken', {
        choices: ['App', 'Payments', 'Dispatch', 'Vouchers'],
        isForContacts: false,
      }),
      priorityOf(193),
      ...mirrorsOf(560),
    ],
    ...{ stateIds: plain, isArchived: false },
  },
  {
    ...{ id: '57', category: 'Customer', name: 'Feedback (2024)', description: 'No longer used', icon: '📝' },
    ...{ attributes: [titleOf(200), descriptionOf(201)], stateIds: plain, isArchived: true },
  },
]

export const tags = [
  { id: '121', name: 'vip' },
  { id: '122', name: 'refund' },
  { id: '123', name: 'allergy' },
  { id: '124', name: 'late' },
  { id: '125', name: 'press' },
] as const

export const companies: readonly Company[] = [
  ...[
    { id: '6762f07f1bb69f9f2193baf5', companyId: 'hotpot', name: 'Hotpot House', plan: 'Partner Plus', size: 40 },
    { id: '6762f07f1bb69f9f2193baf6', companyId: 'tapas', name: 'Tapas y Más', plan: 'Partner', size: 12 },
    { id: '6762f07f1bb69f9f2193baf7', companyId: 'kebab', name: 'Kebab König', plan: null, size: 6 },
  ].map((company) => ({ ...company, industry: 'Restaurants' })),
]
