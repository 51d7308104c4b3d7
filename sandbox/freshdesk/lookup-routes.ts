import type { Reply, Route } from '../simulator.ts'
import { toIsoSeconds } from '../times.ts'
import { parseTime } from './dates.ts'
import type { Call, Endpoints, Handler } from './endpoint.ts'
import { invalid, notFound, oneOf, wrongType, wrongValue } from './errors.ts'
import { fields, printField } from './fields.ts'
import { agents, companies, type Group, groups, openedAt } from './installation.ts'
import { paginate, paging } from './pages.ts'
import type { Agent, Contact } from './records.ts'
import { printPolicy } from './service-levels.ts'
import { agentById, type FreshdeskState } from './state.ts'
import { printAgent, printCompany, printContact } from './wire.ts'

interface LookupContext {
  readonly state: FreshdeskState
  readonly endpoints: Endpoints
}

/** What tickets refer to: fields, agents, groups, contacts, companies and service levels. There are no reads of many ids. */
export function lookupRoutes({ state, endpoints }: LookupContext): Route[] {
  const on = (path: string, operation: string, handle: Handler, query: readonly string[] = [], admins?: true) =>
    endpoints.on('GET', path, operation, handle, { query, ...(admins ? { admins } : {}) })
  return [
    on('/ticket_fields', 'ticket-fields', ticketFields, ['type']),
    on('/admin/ticket_fields', 'admin-ticket-fields', ticketFields, ['include'], true),
    on('/agents', 'agents', listAgents, ['email', 'mobile', 'phone', 'state', ...paging], true),
    on('/agents/me', 'me', ({ agent }) => ({ status: 200, body: printAgent(agent, openedAt, true) })),
    on('/agents/:id', 'agent', viewAgent, [], true),
    on('/groups', 'groups', (call) => paginate(call, groups, printGroup), paging),
    on('/groups/:id', 'group', viewGroup),
    endpoints.on('GET', '/contacts', 'contacts', (call) => listContacts(state, call), {
      endpoint: 'contact-list',
      query: ['email', 'mobile', 'phone', 'company_id', 'state', 'updated_since', 'unique_external_id', ...paging],
    }),
    on('/contacts/:id', 'contact', ({ params }) => found(state.contact(Number(params[0])), printContact)),
    on('/companies', 'companies', (call) => paginate(call, companies, ({ id }) => printCompany(id, openedAt)), paging),
    on('/companies/:id', 'company', ({ params }) => found(printCompany(Number(params[0]), openedAt) ?? undefined, (one) => one)),
    on('/sla_policies', 'sla-policies', (call) => paginate(call, [null], printPolicy), paging, true),
  ]
}

function found<T>(record: T | undefined, print: (record: T) => unknown): Reply {
  return record === undefined ? notFound : { status: 200, body: print(record) }
}

function ticketFields({ query }: Call): Reply {
  const type = query.get('type')
  return { status: 200, body: fields.map(printField).filter((one) => type === null || one.type === type) }
}

const byName = <T extends { readonly name: string }>(list: readonly T[]) =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

function listAgents(call: Call): Reply {
  const [email, state] = [call.query.get('email'), call.query.get('state')]
  if (state !== null && state !== 'fulltime' && state !== 'occasional') {
    return invalid(wrongValue('state', oneOf(['fulltime', 'occasional'])))
  }
  const isWanted = (agent: Agent) =>
    (email === null || agent.email === email.toLowerCase()) && (state === null || agent.occasional === (state === 'occasional'))
  return paginate(call, byName(agents).filter(isWanted), (agent) => printAgent(agent, openedAt, false))
}

function viewAgent({ params }: Call): Reply {
  return found(agentById(Number(params[0])), (agent) => printAgent(agent, openedAt, true))
}

function viewGroup({ params }: Call): Reply {
  return found(
    groups.find(({ id }) => id === Number(params[0])),
    printGroup,
  )
}

function printGroup({ id, name, description, escalateTo, unassignedFor }: Group): Record<string, unknown> {
  const at = toIsoSeconds(openedAt)
  const members = agents.filter(({ groupIds }) => groupIds.includes(id)).map((agent) => agent.id)
  return {
    ...{ id, name, description, escalate_to: escalateTo, unassigned_for: unassignedFor, business_hour_id: null },
    ...{ group_type: 'support_agent_group', auto_ticket_assign: 0, agent_ids: members, created_at: at, updated_at: at },
  }
}

function listContacts(state: FreshdeskState, call: Call): Reply {
  const since = call.query.get('updated_since')
  const from = since === null ? 0 : parseTime(since)
  if (from === null) return invalid(wrongType('updated_since', "It should be in the 'combined date and time ISO8601' format"))
  const asked = (name: string) => call.query.get(name)
  const [email, companyId] = [asked('email')?.toLowerCase(), asked('company_id')]
  const isWanted = (contact: Contact) =>
    contact.updatedAt >= from &&
    (email === undefined || contact.email?.toLowerCase() === email) &&
    (companyId === null || contact.companyId === Number(companyId)) &&
    (asked('phone') ?? contact.phone) === contact.phone &&
    (asked('mobile') ?? contact.mobile) === contact.mobile &&
    (asked('unique_external_id') ?? contact.uniqueExternalId) === contact.uniqueExternalId
  return paginate(call, byName(state.contacts()).filter(isWanted), printContact)
}
