import type { Random } from '../random.ts'

// The people and projects of the Jira site that the simulator plays. Its workflows and fields are in their own files.

export const cloudId = '4f6b9c1e-2f6c-4f7e-9d0d-8f3f5a9d2c11'

/** An account. `customer` accounts know the portal only, and their ids start with `qm:`. */
export interface JiraUser {
  readonly accountId: string
  readonly accountType: 'atlassian' | 'customer' | 'app'
  readonly displayName: string
  readonly emailAddress: string
  /** False: the account's privacy settings withhold the e-mail address from every answer. */
  readonly showsEmail: boolean
  readonly timeZone: string
  readonly active: boolean
}

const member = (accountId: string, displayName: string, timeZone: string, showsEmail = true, active = true): JiraUser => ({
  ...{ accountId, accountType: 'atlassian', displayName, timeZone, showsEmail, active },
  emailAddress: `${displayName
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ł/g, 'l')
    .toLowerCase()
    .replace(/[^a-z]+/g, '.')}@acme.example`,
})

/** The account whose token the gateway has. */
export const serviceAccount: JiraUser = {
  ...member('712020:0c8f3e52-5d0e-4c1a-9c77-54a7a0d5c001', 'Deskgraph Service', 'America/Los_Angeles'),
  emailAddress: 'deskgraph@acme.example',
}

/** The people who answer requests. The last one has left. */
export const agents: readonly JiraUser[] = [
  member('5b10ac8d82e05b22cc7d4ef5', 'Emma Lindqvist', 'Europe/Stockholm'),
  member('5b10a2844c20165700ede21g', 'Mateo Vargas', 'America/Bogota'),
  member('712020:6b2f8c1d-9f0a-4d52-8a41-3f1f5cbb2002', 'Thandiwe Mokoena', 'Africa/Johannesburg', false),
  member('712020:9d4c1b7a-0f3e-4b60-b5a3-7c2f8ae13003', 'Yuki Tanaka', 'Asia/Tokyo'),
  member('5e8f0c7be0a4b60c1f2a9d31', 'Piotr Zieliński', 'Europe/Warsaw'),
  member('5cf5a1d0c2b3e40d5a7b8c92', 'Gerald Brennan', 'Europe/Dublin', true, false),
]

/** The people of the software project. */
export const developers: readonly JiraUser[] = [
  member('712020:1e7a5d3c-4b8f-4f21-a9c6-2d0e9b5f4004', 'Olga Ferreira', 'Europe/Lisbon'),
  member('5d2a7f90b1c4e80e6f3d5b17', 'Ravi Menon', 'Asia/Kolkata', false),
]

/** The account that writes what automation rules do. */
export const automation: JiraUser = {
  ...member('557058:f58131cb-b67d-43c7-b30d-6b58d40bd077', 'Automation for Jira', 'Etc/UTC', false),
  accountType: 'app',
}

/** A caller without credentials, for the few paths that ask for none. */
export const anonymous: JiraUser = { ...member('', 'Anonymous', 'Etc/UTC', false), accountType: 'app', emailAddress: '' }

/** A portal customer's account id. */
export function toCustomerId(random: Random): string {
  return `qm:${random.uuid()}:${random.uuid()}`
}

/** True for the account of a portal customer. */
export function isCustomerId(accountId: string): boolean {
  return accountId.startsWith('qm:')
}

export interface JiraProject {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly projectTypeKey: 'service_desk' | 'software'
  /** The service desk's id, which is also its portal's. Null: a software project. */
  readonly serviceDeskId: number | null
  readonly issueTypeIds: readonly string[]
  readonly leadId: string
}

export const projects: readonly JiraProject[] = [
  {
    ...{ id: 10001, key: 'SUP', name: 'Customer Support', projectTypeKey: 'service_desk', serviceDeskId: 1 },
    ...{ issueTypeIds: ['10010', '10011'], leadId: '5b10ac8d82e05b22cc7d4ef5' },
  },
  {
    ...{ id: 10002, key: 'PAY', name: 'Payments and Refunds', projectTypeKey: 'service_desk', serviceDeskId: 2 },
    ...{ issueTypeIds: ['10010'], leadId: '5b10a2844c20165700ede21g' },
  },
  {
    ...{ id: 10003, key: 'SHOP', name: 'Shop Platform', projectTypeKey: 'software', serviceDeskId: null },
    ...{ issueTypeIds: ['10020', '10021'], leadId: '712020:1e7a5d3c-4b8f-4f21-a9c6-2d0e9b5f4004' },
  },
]

/** A company whose people share requests. */
export interface JiraOrganization {
  readonly id: number
  readonly uuid: string
  readonly name: string
}

export const organizations: readonly JiraOrganization[] = [
  { id: 1, uuid: 'b1b60c4e-1f6d-4a8c-9b7e-0e1c6a2d1001', name: 'Kopi Corner Pte Ltd' },
  { id: 2, uuid: 'b1b60c4e-1f6d-4a8c-9b7e-0e1c6a2d1002', name: 'Panadería La Espiga' },
  { id: 3, uuid: 'b1b60c4e-1f6d-4a8c-9b7e-0e1c6a2d1003', name: 'Nordhavn Catering ApS' },
]

/** A project by id or key. Keys are not case-sensitive. */
export function findProject(idOrKey: string): JiraProject | undefined {
  const key = idOrKey.toUpperCase()
  return projects.find((project) => project.key === key || String(project.id) === idOrKey)
}
