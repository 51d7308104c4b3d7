import type { JiraProject } from './site.ts'

// Statuses, priorities, resolutions, issue and link types, and the transitions of each project's workflow.

export type CategoryKey = 'new' | 'indeterminate' | 'done'

/** The three categories that every Jira site has, in their order. */
export const statusCategories = [
  { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  { id: 3, key: 'done', colorName: 'green', name: 'Done' },
] as const satisfies readonly { id: number; key: CategoryKey; colorName: string; name: string }[]

export interface JiraStatus {
  readonly id: string
  readonly name: string
  readonly category: CategoryKey
  /** What the portal shows to customers instead of the name. */
  readonly portalName: string
}

export const statuses: readonly JiraStatus[] = [
  { id: '10000', name: 'Open', category: 'new', portalName: 'We have received your request' },
  { id: '10001', name: 'Waiting for support', category: 'indeterminate', portalName: 'Waiting for us' },
  { id: '10002', name: 'Waiting for customer', category: 'indeterminate', portalName: 'Waiting for you' },
  { id: '3', name: 'In Progress', category: 'indeterminate', portalName: 'In progress' },
  { id: '10003', name: 'Escalated', category: 'indeterminate', portalName: 'In progress' },
  { id: '10004', name: 'Pending', category: 'indeterminate', portalName: 'On hold' },
  { id: '10005', name: 'In Review', category: 'indeterminate', portalName: 'In review' },
  { id: '5', name: 'Resolved', category: 'done', portalName: 'Solved' },
  { id: '6', name: 'Closed', category: 'done', portalName: 'Solved' },
  { id: '10006', name: 'Canceled', category: 'done', portalName: 'Withdrawn' },
  { id: '10007', name: 'Declined', category: 'done', portalName: 'Declined' },
  { id: '10008', name: 'To Do', category: 'new', portalName: 'To Do' },
  { id: '10009', name: 'Done', category: 'done', portalName: 'Done' },
]

export interface JiraName {
  readonly id: string
  readonly name: string
}

/** Highest first. */
export const priorities: readonly JiraName[] = ['Highest', 'High', 'Medium', 'Low', 'Lowest'].map((name, index) => ({
  ...{ id: String(index + 1), name },
}))

export const resolutions: readonly JiraName[] = [
  { id: '10000', name: 'Done' },
  { id: '10001', name: "Won't Do" },
  { id: '10002', name: 'Duplicate' },
  { id: '10003', name: 'Cannot Reproduce' },
  { id: '10004', name: 'Declined' },
]

export const issueTypes: readonly JiraName[] = [
  { id: '10010', name: 'Service Request' },
  { id: '10011', name: 'Incident' },
  { id: '10020', name: 'Bug' },
  { id: '10021', name: 'Task' },
]

/** A type of link: the outward issue does `outward` to the inward one. */
export interface JiraLinkType extends JiraName {
  readonly inward: string
  readonly outward: string
}

export const linkTypes: readonly JiraLinkType[] = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' },
  { id: '10002', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
  { id: '10003', name: 'Relates', inward: 'relates to', outward: 'relates to' },
  { id: '10004', name: 'Problem/Incident', inward: 'is caused by', outward: 'causes' },
]

/** A step of a workflow. */
export interface JiraTransition extends JiraName {
  /** The statuses that it starts from. Empty: all. */
  readonly from: readonly string[]
  readonly to: string
  /** Fields of its screen that must have a value. */
  readonly requires: readonly string[]
  /** The resolution that a post function sets; null clears it, undefined leaves it. */
  readonly sets?: string | null
  /** Customers may do it in the portal. */
  readonly forCustomers?: true
}

const supportFlow: readonly JiraTransition[] = [
  { id: '11', name: 'Respond to customer', from: ['10001', '3', '10003'], to: '10002', requires: [] },
  { id: '21', name: 'Respond to support', from: ['10002'], to: '10001', requires: [], forCustomers: true },
  { id: '31', name: 'Escalate', from: ['10001', '3'], to: '10003', requires: [] },
  { id: '41', name: 'Start work', from: ['10001', '10003', '10004'], to: '3', requires: [] },
  { id: '51', name: 'Pending', from: ['10001', '3'], to: '10004', requires: [] },
  { id: '61', name: 'Resolve', from: ['10001', '10002', '3', '10003', '10004'], to: '5', requires: ['resolution'] },
  {
    ...{ id: '71', name: 'Cancel request', from: ['10001', '10002', '3', '10003', '10004'], to: '10006', requires: [] },
    ...{ sets: '10001', forCustomers: true },
  },
  { id: '81', name: 'Close', from: ['5'], to: '6', requires: [] },
  { id: '91', name: 'Reopen', from: ['5', '6', '10006'], to: '10001', requires: [], sets: null },
]

const paymentFlow: readonly JiraTransition[] = [
  { id: '12', name: 'Start review', from: ['10000'], to: '10005', requires: [] },
  { id: '22', name: 'Ask customer', from: ['10000', '10005'], to: '10002', requires: [] },
  { id: '32', name: 'Back to review', from: ['10002'], to: '10005', requires: [], forCustomers: true },
  { id: '42', name: 'Approve', from: ['10005', '10002'], to: '5', requires: ['resolution', 'customfield_10053'] },
  { id: '52', name: 'Decline', from: ['10000', '10005', '10002'], to: '10007', requires: [], sets: '10004' },
  { id: '62', name: 'Reopen', from: ['5', '10007'], to: '10000', requires: [], sets: null },
]

const shopFlow: readonly JiraTransition[] = [
  { id: '11', name: 'To Do', from: [], to: '10008', requires: [], sets: null },
  { id: '21', name: 'In Progress', from: [], to: '3', requires: [], sets: null },
  { id: '31', name: 'Done', from: [], to: '10009', requires: [], sets: '10000' },
]

/** A project's workflow: its transitions and the status of a new issue. */
export function workflowOf({ key }: Pick<JiraProject, 'key'>): {
  readonly transitions: readonly JiraTransition[]
  readonly initial: string
} {
  if (key === 'SUP') return { transitions: supportFlow, initial: '10001' }
  return key === 'PAY' ? { transitions: paymentFlow, initial: '10000' } : { transitions: shopFlow, initial: '10008' }
}

/** The statuses of a project's workflow. */
export function statusesOf(project: Pick<JiraProject, 'key'>): readonly JiraStatus[] {
  const { transitions, initial } = workflowOf(project)
  return statuses.filter(({ id }) => id === initial || transitions.some(({ from, to }) => to === id || from.includes(id)))
}

/** An item by its id. The ids in the state always exist. */
export function byId<T extends { readonly id: string }>(items: readonly T[], id: string): T {
  return items.find((item) => item.id === id) as T
}

/** A type of link by its id or name, in any case. */
export function findLinkType({ id, name }: { readonly id?: unknown; readonly name?: unknown }): JiraLinkType | undefined {
  return linkTypes.find((type) => type.id === String(id) || type.name.toLowerCase() === String(name).toLowerCase())
}
