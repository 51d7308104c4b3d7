import type { Reply, Route } from '../simulator.ts'
import { toIsoSeconds } from '../times.ts'
import { asObject, type Call, type Endpoints } from './endpoint.ts'
import { invalidRecord, noRecord, refused } from './errors.ts'
import { newUser } from './generate.ts'
import * as account from './installation.ts'
import { type Id, toId, toIds } from './json.ts'
import { toPage } from './pages.ts'
import type { User } from './records.ts'
import { printPolicies } from './service-levels.ts'
import type { ZendeskState } from './state.ts'
import { type Hosts, printBrand, printCustomStatus, printGroup, printOrganization, printUser } from './wire.ts'

export interface LookupContext {
  readonly state: ZendeskState
  readonly endpoints: Endpoints
  hostsOf(call: Call): Hosts
}

/** People, groups, organizations, and what the account defines. */
export function lookupRoutes(context: LookupContext): Route[] {
  return [...userRoutes(context), ...groupRoutes(context), ...definitionRoutes(context)]
}

function userRoutes({ state, endpoints, hostsOf }: LookupContext): Route[] {
  const listUsers = (call: Call, users: readonly User[]): Reply =>
    toPage(call, {
      key: 'users',
      records: users,
      print: (page) => ({ users: page.map((user) => printUser(user, hostsOf(call))) }),
    })
  return [
    endpoints.on(
      'GET',
      '/users/me',
      'me',
      (call) => {
        const user = { ...printUser(call.user, hostsOf(call)), authenticity_token: 'sandbox' }
        return { status: 200, body: { user } }
      },
      { for: 'anyone' },
    ),
    endpoints.on('GET', '/users/show_many', 'users', (call) => {
      const ids = toIds(call.query.get('ids'))
      if (ids.length > 100) return refused(400, 'TooManyValues', 'Only 100 records can be requested at once')
      const users = ids.flatMap((id) => state.user(id) ?? [])
      return { status: 200, body: { users: users.map((user) => printUser(user, hostsOf(call))), count: users.length } }
    }),
    endpoints.on('GET', '/users/search', 'users', (call) => listUsers(call, searchUsers(state, call))),
    endpoints.on('GET', '/users', 'users', (call) => {
      const roles = [...call.query.getAll('role'), ...call.query.getAll('role[]')]
      return listUsers(
        call,
        state.users().filter(({ role }) => roles.length === 0 || roles.includes(role)),
      )
    }),
    endpoints.on('POST', '/users/create_or_update', 'put_user', (call) => {
      const { name, email, external_id: externalId } = asObject(call.body().user)
      if (typeof name !== 'string' || name === '' || typeof email !== 'string') {
        return invalidRecord({ name: [{ description: 'Name: is too short (minimum is 1 characters)' }] })
      }
      const known = state.userByEmail(email)
      const details = { ...(typeof externalId === 'string' && { externalId }), updatedAt: call.now }
      const user = state.putUser({ ...(known ?? { ...newUser(state, name, email), createdAt: call.now }), name, ...details })
      return { status: known ? 200 : 201, body: { user: printUser(user, hostsOf(call)) } }
    }),
    endpoints.on('GET', '/users/:id', 'user', (call) => {
      const user = state.user(toId(call.params[0]) ?? 0n)
      return user ? { status: 200, body: { user: printUser(user, hostsOf(call)) } } : noRecord
    }),
  ]
}

/** `query=` is an address, a part of a name, or words such as `email:jo@example.com` and `role:agent`. */
function searchUsers(state: ZendeskState, call: Call): readonly User[] {
  const externalId = call.query.get('external_id')
  if (externalId !== null) return state.users().filter((user) => user.externalId === externalId)
  const words = (call.query.get('query') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'type:user')
  return state.users().filter((user) =>
    words.every((word) => {
      const [, name = '', value = ''] = /^(email|role|name):"?([^"]*)"?$/.exec(word) ?? []
      if (name === 'role') return user.role === value
      if (name === 'email') return user.email.toLowerCase() === value
      return `${user.name} ${user.email}`.toLowerCase().includes(name === 'name' ? value : word)
    }),
  )
}

function groupRoutes({ endpoints, hostsOf }: LookupContext): Route[] {
  const { groups, organizations, staff } = account
  const listGroups = (call: Call) =>
    toPage(call, {
      key: 'groups',
      records: groups,
      print: (page) => ({ groups: page.flatMap(({ id }) => printGroup(id, hostsOf(call)) ?? []) }),
    })
  const one = (key: string, print: (id: Id, hosts: Hosts) => Record<string, unknown> | undefined) => (call: Call) => {
    const record = print(toId(call.params[0]) ?? 0n, hostsOf(call))
    return record ? { status: 200, body: { [key]: record } } : noRecord
  }
  const printOrganizations = (call: Call, ids: readonly Id[]) => ids.flatMap((id) => printOrganization(id, hostsOf(call)) ?? [])
  const memberships = staff.flatMap((user, userIndex) =>
    user.groupIds.map((groupId, index) => ({
      id: BigInt(userIndex * 100 + index + 1),
      userId: user.id,
      groupId,
      isDefault: index === 0,
    })),
  )
  return [
    endpoints.on('GET', '/groups', 'groups', listGroups),
    endpoints.on('GET', '/groups/assignable', 'groups', listGroups),
    endpoints.on('GET', '/groups/:id', 'groups', one('group', printGroup)),
    endpoints.on('GET', '/group_memberships/assignable', 'groups', (call) =>
      toPage(call, {
        ...{ key: 'group_memberships', records: memberships },
        print: (page) => ({
          group_memberships: page.map(({ id, userId, groupId, isDefault }) => ({
            ...{ id, user_id: userId, group_id: groupId, default: isDefault },
            ...{ url: `${call.origin}/api/v2/group_memberships/${id}.json`, ...dated },
          })),
        }),
      }),
    ),
    endpoints.on('GET', '/organizations', 'organizations', (call) =>
      toPage(call, {
        ...{ key: 'organizations', records: organizations },
        print: (page) => ({
          organizations: printOrganizations(
            call,
            page.map(({ id }) => id),
          ),
        }),
      }),
    ),
    endpoints.on('GET', '/organizations/show_many', 'organizations', (call) => {
      const found = printOrganizations(call, toIds(call.query.get('ids')))
      return { status: 200, body: { organizations: found, count: found.length, next_page: null, previous_page: null } }
    }),
    endpoints.on('GET', '/organizations/:id', 'organizations', one('organization', printOrganization)),
  ]
}

const dated = { created_at: toIsoSeconds(account.openedAt), updated_at: toIsoSeconds(account.openedAt) }

function definitionRoutes({ endpoints, hostsOf }: LookupContext): Route[] {
  const whole = (path: string, key: string, list: (call: Call) => readonly unknown[]) =>
    endpoints.on('GET', path, 'definitions', (call) => {
      const records = list(call)
      return { status: 200, body: { [key]: records, count: records.length, next_page: null, previous_page: null } }
    })
  return [
    whole('/ticket_fields', 'ticket_fields', (call) => [
      ...account.systemFields.map((field, index) => printSystemField(field, index, call.origin)),
      ...account.customFields.map((field, index) => printCustomField(field, index + account.systemFields.length, call.origin)),
    ]),
    endpoints.on('GET', '/ticket_fields/:id/options', 'definitions', (call) => {
      const field = account.customFields.find(({ id }) => id === toId(call.params[0]))
      if (!field) return noRecord
      const options = printOptions(field, call.origin)
      return { status: 200, body: { custom_field_options: options, count: options.length, next_page: null, previous_page: null } }
    }),
    whole('/ticket_forms', 'ticket_forms', (call) => account.forms.map((form, index) => printForm(form, index, call.origin))),
    endpoints.on('GET', '/custom_statuses', 'definitions', () => ({
      status: 200,
      body: { custom_statuses: account.customStatuses.map(printCustomStatus) },
    })),
    whole('/brands', 'brands', (call) => account.brands.flatMap(({ id }) => printBrand(id, hostsOf(call)) ?? [])),
    whole('/slas/policies', 'sla_policies', (call) => printPolicies(hostsOf(call))),
  ]
}

function printField(field: { readonly id: Id; readonly type: string; readonly title: string }, index: number, origin: string) {
  const { id, type, title } = field
  return {
    ...{ url: `${origin}/api/v2/ticket_fields/${id}.json`, id, type, title, raw_title: title, title_in_portal: title },
    ...{ raw_title_in_portal: title, description: title, raw_description: title, agent_description: null, position: index },
    ...{ active: true, required: false, collapsed_for_agents: false, regexp_for_validation: null, tag: null },
    ...{ visible_in_portal: true, editable_in_portal: false, required_in_portal: false, agent_can_edit: true },
    ...dated,
  }
}

const systemOptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  status: { open: 'Open', pending: 'Pending', hold: 'On-hold', solved: 'Solved' },
  tickettype: { question: 'Question', incident: 'Incident', problem: 'Problem', task: 'Task' },
  priority: { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' },
}

function printSystemField(field: (typeof account.systemFields)[number], index: number, origin: string) {
  const options = Object.entries(systemOptions[field.type] ?? {}).map(([value, name]) => ({ name, value }))
  return {
    ...{ ...printField(field, index, origin), removable: false },
    ...(options.length > 0 && { system_field_options: options, sub_type_id: 0 }),
    ...(field.type === 'custom_status' && { custom_statuses: account.customStatuses.map(printCustomStatus) }),
  }
}

function printCustomField(field: account.CustomField, index: number, origin: string) {
  return {
    ...{ ...printField(field, index, origin), removable: true },
    regexp_for_validation: field.pattern,
    ...(field.options.length > 0 && { custom_field_options: printOptions(field, origin) }),
  }
}

function printOptions({ id: fieldId, options }: account.CustomField, origin: string) {
  return options.map(({ id, value, name }, position) => ({
    ...{ id, name, raw_name: name, value, position, default: false },
    url: `${origin}/api/v2/ticket_fields/${fieldId}/options/${id}.json`,
  }))
}

function printForm({ id, name, fieldIds }: account.Form, index: number, origin: string) {
  return {
    ...{ url: `${origin}/api/v2/ticket_forms/${id}.json`, id, name, raw_name: name, display_name: name, raw_display_name: name },
    ...{ position: index, active: true, default: index === 0, end_user_visible: true, in_all_brands: false },
    ...{ restricted_brand_ids: [], ticket_field_ids: fieldIds, agent_conditions: [], end_user_conditions: [] },
    ...dated,
  }
}
