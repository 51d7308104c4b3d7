import { decodeId } from '../../domain/ids.ts'
import type { Customer } from '../../domain/ticket.ts'

/** The one whose data is to go, by everything that names them. Grows while their tickets are found. */
export interface Subject {
  /** E-mail addresses in lower case. */
  readonly emails: Set<string>
  /** Global ids of customers. */
  readonly ids: Set<string>
  /** External ids that were given as they are: they count in every source. */
  readonly externalIds: Set<string>
  /** The external ids of the customers that were found. */
  readonly knownIds: Set<string>
  readonly phones: Set<string>
  readonly names: Set<string>
}

/** What an operator typed: an e-mail address, a customer's global id, or the id that a source gives them. */
export function toSubject(given: string): Subject {
  const subject: Subject = {
    emails: new Set(),
    ids: new Set(),
    externalIds: new Set(),
    knownIds: new Set(),
    phones: new Set(),
    names: new Set(),
  }
  const text = given.trim()
  if (text.includes('@')) subject.emails.add(text.toLowerCase())
  else if (decodeId(text)?.kind === 'customer') subject.ids.add(text)
  else subject.externalIds.add(text)
  return subject
}

/**
 * Is this customer the one? The same e-mail address, or the same id. An id that was only found through an address counts
 * where no other address stands beside it: some systems give one id to a whole household or company.
 */
export function isSubject(subject: Subject, customer: Pick<Customer, 'id' | 'externalId' | 'email'> | null): boolean {
  if (customer === null) return false
  if (customer.email !== null && subject.emails.has(customer.email.toLowerCase())) return true
  if (subject.externalIds.has(customer.externalId)) return true
  return subject.ids.has(customer.id) && (customer.email === null || subject.emails.size === 0)
}

/** Remembers what else names them. True when an id was learned that may lead to more tickets. */
export function learn(subject: Subject, customer: Customer): boolean {
  const isNew = !subject.ids.has(customer.id)
  subject.ids.add(customer.id)
  subject.knownIds.add(customer.externalId)
  if (customer.phone) subject.phones.add(customer.phone)
  for (const name of [customer.name, customer.firstName, customer.lastName, customer.email]) if (name) subject.names.add(name)
  return isNew
}
