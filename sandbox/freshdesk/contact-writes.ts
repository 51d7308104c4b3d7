import type { Reply, Route } from '../simulator.ts'
import { check, type Shape } from './checks.ts'
import type { Call, Endpoints } from './endpoint.ts'
import { type FieldError, invalid, missing, wrongValue } from './errors.ts'
import { companies } from './installation.ts'
import { newContact } from './new-records.ts'
import type { Contact } from './records.ts'
import { agentById, type FreshdeskState } from './state.ts'
import { printContact } from './wire.ts'

const shape: Shape = {
  ...{ name: 'text', email: 'email', phone: 'text', mobile: 'text', twitter_id: 'text', unique_external_id: 'text' },
  ...{ other_emails: 'texts', company_id: 'id', view_all_tickets: 'boolean', address: 'text', custom_fields: 'object' },
  ...{ description: 'text', job_title: 'text', language: 'text', tags: 'texts', time_zone: 'text', lookup_parameter: 'text' },
}
const addresses = ['email', 'mobile', 'phone', 'twitter_id', 'unique_external_id']

/** Creating contacts. An address or external id that another has is a conflict. */
export function contactWrites(state: FreshdeskState, endpoints: Endpoints): Route[] {
  return [endpoints.on('POST', '/contacts', 'create-contact', (call) => create(state, call))]
}

function create(state: FreshdeskState, call: Call): Reply {
  const { values, errors } = check(call.input, shape)
  const text = (name: string) => (typeof values[name] === 'string' ? String(values[name]) : null)
  const faults: FieldError[] = [...errors]
  if (text('name') === null) faults.push(missing('name', 'It should be a/an String'))
  if (addresses.every((name) => text(name) === null))
    faults.push(missing('email', `Fill at least 1 of ${addresses.join(', ')} fields`))
  const companyId = typeof values.company_id === 'number' ? values.company_id : null
  if (companyId !== null && !companies.some(({ id }) => id === companyId)) {
    faults.push(wrongValue('company_id', 'There is no company matching the given company_id'))
  }
  if (faults.length > 0) return invalid(...faults)
  const taken = takenBy(state, text('email'), text('unique_external_id'))
  if (taken) return conflict(taken.field, taken.id)
  const contact: Contact = {
    ...newContact(state, text('name')!, text('email')),
    ...{ phone: text('phone'), mobile: text('mobile'), uniqueExternalId: text('unique_external_id'), companyId },
    ...{ language: text('language') ?? 'en', createdAt: call.now, updatedAt: call.now },
  }
  const headers = { location: `${call.origin}/api/v2/contacts/${contact.id}` }
  return { status: 201, headers, body: printContact(state.putContact(contact)) }
}

function takenBy(state: FreshdeskState, email: string | null, externalId: string | null) {
  const byEmail = email === null ? undefined : state.contactByEmail(email)
  if (byEmail) return { field: 'email', id: byEmail.id }
  const byId = externalId === null ? undefined : state.contacts().find((one) => one.uniqueExternalId === externalId)
  return byId ? { field: 'unique_external_id', id: byId.id } : undefined
}

function conflict(field: string, id: number): Reply {
  const error = { field, message: 'It should be a unique value', code: 'duplicate_value', additional_info: { user_id: id } }
  const description = agentById(id) ? 'An agent has it' : 'Validation failed'
  return { status: 409, body: { description, errors: [error] } }
}
