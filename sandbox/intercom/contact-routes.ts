import type { Route } from '../simulator.ts'
import { printCompany, printContact } from './contact-wire.ts'
import type { Context } from './context.ts'
import { asId, type Call } from './endpoint.ts'
import { invalid, noResource, Refusal, refused } from './errors.ts'
import { type Field, type Searchable, toPredicate } from './query.ts'
import type { Contact } from './records.ts'
import { toPage } from './search-pages.ts'
import type { IntercomState } from './state.ts'
import { companies, zone } from './workspace.ts'

/** Contacts and their companies. */
export function contactRoutes(context: Context): Route[] {
  const { state, endpoints } = context
  const noContact = () => refused(404, 'not_found', 'User Not Found')
  const companyBody = (id: string) => {
    const company = companies.find((one) => one.id === id)
    return company && printCompany(company, state.contacts().filter(({ companyIds }) => companyIds.includes(id)).length)
  }
  return [
    endpoints.on('POST', '/contacts/search', 'contact-search', (call) => search(context, call)),
    endpoints.on('POST', '/contacts', 'contact-create', (call) => create(context, call), { isWrite: true }),
    endpoints.on('GET', '/contacts/:id', 'contact', ({ params }) => {
      const contact = state.contact(params[0] ?? '')
      return contact ? { status: 200, body: printContact(contact) } : noContact()
    }),
    endpoints.on('GET', '/contacts/:id/companies', 'contact-companies', ({ params }) => {
      const contact = state.contact(params[0] ?? '')
      if (!contact) return noContact()
      const data = contact.companyIds.map(companyBody)
      const pages = { type: 'pages', next: null, page: 1, per_page: 50, total_pages: data.length === 0 ? 0 : 1 }
      // `data` is what the vendor's recorded answer has, `companies` what its schema says.
      return { status: 200, body: { type: 'list', data, pages, total_count: data.length } }
    }),
    endpoints.on('GET', '/companies/:id', 'company', ({ params }) => {
      const body = companyBody(params[0] ?? '')
      return body ? { status: 200, body } : refused(404, 'company_not_found', 'Company Not Found')
    }),
  ]
}

const text = (read: (contact: Contact) => string | null): Field<Contact> => ({
  kind: 'string',
  read: (contact) => [read(contact) ?? ''],
})

const date = (read: (contact: Contact) => number | null): Field<Contact> => ({
  kind: 'date',
  read: (contact) => [read(contact) ?? []].flat(),
})

const fields: Readonly<Record<string, Field<Contact>>> = {
  id: text(({ id }) => id),
  role: text(({ role }) => role),
  name: text(({ name }) => name),
  owner_id: { kind: 'number', read: ({ ownerId }) => (ownerId === null ? [] : [Number(ownerId)]) },
  email: text(({ email }) => email),
  email_domain: text(({ email }) => email.split('@')[1] ?? ''),
  phone: text(({ phone }) => phone),
  external_id: text(({ externalId }) => externalId),
  created_at: date(({ createdAt }) => createdAt),
  signed_up_at: date(({ createdAt, role }) => (role === 'user' ? createdAt : null)),
  updated_at: date(({ updatedAt }) => updatedAt),
  last_replied_at: date(({ lastRepliedAt }) => lastRepliedAt),
  language_override: text(({ language }) => language),
  'location.country': text(({ country }) => country),
  unsubscribed_from_emails: { kind: 'boolean', read: ({ isUnsubscribed }) => [isUnsubscribed] },
}

/** Dates are days of the workspace's zone. Custom attributes are searched as texts. */
const searchable: Searchable<Contact> = {
  field(name) {
    const [, custom] = /^custom_attributes\.(.+)$/.exec(name) ?? []
    if (custom !== undefined) return text((contact) => String(contact.custom[custom] ?? ''))
    return Object.hasOwn(fields, name) ? fields[name] : undefined
  },
  dates: { zoneOffsetMs: zone.offsetMs },
}

function search({ state, oddities, contactLagMs }: Context, { body, now }: Call) {
  const matches = toPredicate(body.query, searchable)
  // A new contact is not found at once.
  const found = state.contacts().filter((contact) => contact.createdAt <= now - contactLagMs && matches(contact))
  const sorts = { updated_at: (contact: Contact) => contact.updatedAt, created_at: (contact: Contact) => contact.createdAt }
  const { rows, pages } = toPage(found, body, { perPage: 50, sorts, oddities })
  return { status: 200, body: { type: 'list', data: rows.map(printContact), total_count: found.length, pages } }
}

function create({ state }: Context, { body, now }: Call) {
  const [email, externalId] = [asId(body.email), asId(body.external_id)]
  const role = body.role ?? 'user'
  if (role !== 'user' && role !== 'lead') return invalid('role is user or lead', 'role')
  if (email === undefined && externalId === undefined && role === 'user') {
    return invalid('email or external_id is needed', 'email')
  }
  const known = (email && state.contactByEmail(email)) || (externalId && state.contactByExternalId(externalId))
  if (known) return refused(409, 'conflict', `A contact matching those details already exists with id=${known.id}`)
  const contact = newContact(state, { email: email ?? '', externalId: externalId ?? null, now })
  const name = typeof body.name === 'string' ? body.name : null
  const phone = typeof body.phone === 'string' ? body.phone : null
  return { status: 200, body: printContact(state.putContact({ ...contact, role, name, phone })) }
}

interface NewContact {
  readonly email: string
  readonly externalId: string | null
  readonly now: number
}

/** A user of whom only the address is known. It is not stored. */
export function newContact(state: Pick<IntercomState, 'nextContactId'>, { email, externalId, now }: NewContact): Contact {
  return {
    ...{ id: state.nextContactId(), externalId, role: 'user', email, name: null, phone: null, language: null, country: null },
    ...{ companyIds: [], custom: {}, ownerId: null, isUnsubscribed: false, lastRepliedAt: null, createdAt: now, updatedAt: now },
  }
}

/** The contact that a new ticket names by id, external id or address. An unknown address makes a contact. */
export function findOrCreateContact(state: IntercomState, named: Readonly<Record<string, unknown>>, now: number): Contact {
  const [id, externalId, email] = [asId(named.id), asId(named.external_id), asId(named.email)]
  if (email !== undefined) {
    return state.contactByEmail(email) ?? state.putContact(newContact(state, { email, externalId: null, now }))
  }
  const found =
    id !== undefined ? state.contact(id) : externalId !== undefined ? state.contactByExternalId(externalId) : undefined
  if (!found) throw new Refusal(noResource())
  return found
}
