import type { StorySystem } from '../story.ts'
import type { Id } from './json.ts'
import type { Category, User } from './records.ts'

// What the account of the simulator has beside its tickets: the staff, groups, organizations, fields, statuses, forms and brands.
// The ids are as long as those of a real account, and a few are larger than 2^53.

/** When the account was opened. Nothing in it is older. */
export const openedAt = Date.UTC(2023, 2, 1, 9)

export interface Group {
  readonly id: Id
  readonly name: string
  readonly description: string
}
const support: Group = { id: 26843000000101n, name: 'Customer Support', description: 'First line for customers' }
const orders: Group = { id: 26843000000102n, name: 'Orders and Delivery', description: 'Talks to restaurants and couriers' }
const payments: Group = { id: 26843000000103n, name: 'Payments', description: 'Refunds, vouchers and invoices' }
const secondLine: Group = { id: 9007199254740993n, name: 'Second Line', description: 'Safety, privacy and the press' }
export const groups: readonly Group[] = [support, orders, payments, secondLine]

const staffMember = (id: Id, name: string, memberOf: readonly Group[], more: Partial<User> = {}): User => ({
  ...{ id, name, email: `${name.split(' ')[0]?.toLowerCase()}@support.example`, phone: null, role: 'agent', locale: 'en-US' },
  ...{ organizationId: null, groupIds: memberOf.map((group) => group.id), restriction: null, isLight: false, externalId: null },
  ...{ createdAt: openedAt, updatedAt: openedAt },
  ...more,
})

/** The people who answer. The first is the administrator whom the sandbox's own credentials belong to. */
export const staff: readonly User[] = [
  staffMember(26843000000201n, 'Nadia Rahman', groups, { role: 'admin' }),
  staffMember(26843000000202n, 'Tomasz Kowalski', [support, orders]),
  staffMember(26843000000203n, 'Camila Restrepo', [support, payments], { locale: 'es' }),
  staffMember(26843000000204n, 'Yu-Ting Tsai', [support, orders], { locale: 'zh-tw' }),
  staffMember(26843000000205n, 'Ploy Wongsakul', [orders], { locale: 'th' }),
  staffMember(26843000000206n, 'Beatriz Almeida', [support, payments], { locale: 'pt-br' }),
  staffMember(9007199254740995n, 'Katharina Schäfer', [secondLine, support], { locale: 'de' }),
  // Sees the tickets of the own group only.
  staffMember(26843000000208n, 'Hafiz Ismail', [payments], { restriction: 'groups' }),
  staffMember(26843000000209n, 'Agnieszka Nowak', [support], { isLight: true, locale: 'pl' }),
]

export interface Organization {
  readonly id: Id
  readonly name: string
  readonly domains: readonly string[]
}
export const organizations: readonly Organization[] = [
  { id: 26843000000301n, name: 'Sakura Sushi Group', domains: ['sakura.example'] },
  { id: 26843000000302n, name: 'Nonna Lucia Trattorie', domains: ['nonna-lucia.example'] },
  { id: 26843000000303n, name: 'Office Lunch Club', domains: ['lunchclub.example'] },
]

export interface Brand {
  readonly id: Id
  readonly name: string
  readonly subdomain: string
}
export const brands: readonly Brand[] = [
  { id: 26843000000401n, name: 'Customers', subdomain: 'sandbox' },
  { id: 26843000000402n, name: 'Partners', subdomain: 'sandbox-partners' },
]

export interface CustomStatus {
  readonly id: Id
  readonly category: Category
  readonly label: string
  readonly customerLabel: string
  /** The status that a ticket gets with its category alone. */
  readonly isDefault: boolean
}
const status = (id: Id, category: Category, label: string, customerLabel: string, isDefault = true): CustomStatus => ({
  ...{ id, category, label, customerLabel, isDefault },
})
export const customStatuses: readonly CustomStatus[] = [
  status(26843000000501n, 'new', 'New', 'Open'),
  status(26843000000502n, 'open', 'Open', 'Open'),
  status(26843000000503n, 'pending', 'Pending', 'Awaiting your reply'),
  status(26843000000504n, 'hold', 'On-hold', 'Open'),
  status(26843000000505n, 'solved', 'Solved', 'Solved'),
  status(26843000000506n, 'open', 'Waiting for courier', 'In progress', false),
  status(26843000000507n, 'hold', 'Waiting for restaurant', 'In progress', false),
  status(26843000000508n, 'solved', 'Refunded', 'Refunded', false),
]

export type FieldType = 'text' | 'textarea' | 'checkbox' | 'date' | 'integer' | 'decimal' | 'regexp' | 'tagger' | 'multiselect'

export interface CustomField {
  readonly id: Id
  readonly title: string
  readonly type: FieldType
  /** What a `tagger` or `multiselect` offers: the tag, and the text that agents see. */
  readonly options: readonly { readonly id: Id; readonly value: string; readonly name: string }[]
  readonly pattern: string | null
}
const field = (id: Id, title: string, type: FieldType, more: Partial<CustomField> = {}): CustomField => ({
  ...{ id, title, type, options: [], pattern: null },
  ...more,
})
const choices = (firstId: Id, list: Readonly<Record<string, string>>) =>
  Object.entries(list).map(([value, name], index) => ({ id: firstId + BigInt(index), value, name }))

export const orderField = field(26843000000601n, 'Order number', 'text')
export const countryField = field(26843000000602n, 'Country', 'tagger', {
  options: choices(26843000000621n, {
    ...{ country_sg: 'Singapore', country_my: 'Malaysia', country_th: 'Thailand', country_tw: 'Taiwan' },
    ...{ country_ph: 'Philippines', country_pk: 'Pakistan', country_de: 'Germany', country_es: 'Spain', country_br: 'Brazil' },
    ...{ country_fr: 'France', country_hu: 'Hungary', country_co: 'Colombia' },
  }),
})
export const reasonField = field(26843000000603n, 'Contact reason', 'tagger', {
  options: choices(26843000000641n, {
    ...{ reason_late: 'Delivery::Late', reason_missing: 'Delivery::Missing item', reason_address: 'Delivery::Wrong address' },
    ...{ reason_refund: 'Payment::Refund', reason_voucher: 'Payment::Voucher', reason_allergy: 'Food::Allergy' },
    ...{ reason_invoice: 'Partner::Invoice', reason_menu: 'Partner::Menu', reason_privacy: 'Account::Privacy' },
    ...{ reason_app: 'Account::App', reason_damaged: 'Delivery::Damaged' },
  }),
})
export const refundField = field(26843000000604n, 'Refund amount', 'decimal')
export const deliveredField = field(26843000000605n, 'Delivered on', 'date')
export const frequentField = field(26843000000606n, 'Frequent customer', 'checkbox')
export const affectedField = field(26843000000607n, 'What was affected', 'multiselect', {
  options: choices(26843000000661n, { affected_food: 'Food', affected_drinks: 'Drinks', affected_cutlery: 'Cutlery' }),
})
export const voucherField = field(26843000000608n, 'Voucher code', 'regexp', { pattern: '^[A-Z]{2}-\\d{4}$' })
const shownFields = [
  ...[orderField, countryField, reasonField, refundField, deliveredField, frequentField, affectedField, voucherField],
]
/** What other systems call the ticket. Integrations write them, and no form has them. */
export const mirrorFields: readonly (CustomField & { readonly system: StorySystem })[] = [
  { ...field(26843000000681n, 'OneView ticket', 'text'), system: 'oneview' },
  { ...field(26843000000682n, 'Jira issue', 'text'), system: 'jira' },
  { ...field(26843000000683n, 'Freshdesk ticket', 'text'), system: 'freshdesk' },
  { ...field(26843000000684n, 'Intercom ticket', 'text'), system: 'intercom' },
  { ...field(26843000000685n, 'VCC ticket', 'text'), system: 'vcc' },
  { ...field(26843000000686n, 'Wasabi ticket', 'text'), system: 'wasabi' },
  { ...field(26843000000687n, 'Guest ticket', 'text'), system: 'rbi' },
]
export const customFields: readonly CustomField[] = [...shownFields, ...mirrorFields]

/** The fields that every account has. */
export const systemFields = [
  { id: 26843000000611n, type: 'subject', title: 'Subject' },
  { id: 26843000000612n, type: 'description', title: 'Description' },
  { id: 26843000000613n, type: 'status', title: 'Status' },
  { id: 26843000000614n, type: 'tickettype', title: 'Type' },
  { id: 26843000000615n, type: 'priority', title: 'Priority' },
  { id: 26843000000616n, type: 'group', title: 'Group' },
  { id: 26843000000617n, type: 'assignee', title: 'Assignee' },
  { id: 26843000000618n, type: 'custom_status', title: 'Ticket status' },
] as const

export interface Form {
  readonly id: Id
  readonly name: string
  readonly fieldIds: readonly Id[]
}
const systemIds = systemFields.map(({ id }) => id)
export const forms: readonly Form[] = [
  { id: 26843000000701n, name: 'Order', fieldIds: [...systemIds, ...shownFields.map(({ id }) => id)] },
  { id: 26843000000702n, name: 'Partner', fieldIds: [...systemIds, reasonField.id, countryField.id] },
]
