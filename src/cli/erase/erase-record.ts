import type { Subject } from './subject.ts'
import { createTraces, type Traces } from './traces.ts'

export const erased = '[erased]'

const setOf = (...names: string[]) => new Set(names)

/** Field names, in any vendor's spelling, whose content is about the customer. Compared without case, dashes and underscores. */
const customerNames = setOf(
  ...['customer', 'customerid', 'customername', 'customeremail', 'client', 'guest', 'contact', 'contactid', 'entityid', 'user'],
  ...['email', 'mail', 'phone', 'phonenumber', 'mobile', 'name', 'firstname', 'lastname', 'fullname', 'address', 'cc', 'bcc'],
)
/** And those that somebody writes freely, or that name what they bought. */
const freeNames = setOf(
  ...[
    'title',
    'subject',
    'description',
    'comment',
    'comments',
    'content',
    'message',
    'messages',
    'threads',
    'body',
    'text',
    'note',
  ],
  ...['notes', 'attachments', 'order', 'orders', 'orderid', 'orderids', 'subscriptioncontractids', 'metadata'],
)
/** Those that name the ticket itself. Numbers repeat across kinds: a customer's may be another ticket's. */
const structuralNames = setOf('id', 'ticketid', 'ticketno', 'externalid', 'projectid', 'eventid', 'number')

/**
 * A JSON value of one of the customer's tickets without what is personal: everything below a personal field's name, and
 * wherever else something that names the customer stands. The shape stays, so that what read the value before still can.
 */
export function eraseRecord(value: unknown, subject: Subject): unknown {
  const traces = createTraces(subject)
  const walk = (item: unknown, name: string, isPersonal: boolean): unknown => {
    if (Array.isArray(item)) return isPersonal ? [] : item.map((element) => walk(element, name, false))
    if (typeof item === 'object' && item !== null) return walkFields(item, isPersonal)
    if (typeof item !== 'string' && typeof item !== 'number') return item
    const goes = isPersonal || (!structuralNames.has(name) && traces.isIn(String(item)))
    return goes ? (typeof item === 'string' ? erased : null) : item
  }
  const walkFields = (record: object, isPersonal: boolean): unknown =>
    Object.fromEntries(
      Object.entries(record).map(([key, item]) => {
        const name = plain(key)
        return [key, walk(item, name, isPersonal || customerNames.has(name) || freeNames.has(name))]
      }),
    )
  return walk(value, '', false)
}

/**
 * Does this JSON value, of whomever it may be, name the customer for certain? By an e-mail address or phone number
 * anywhere, or by an id where a customer's id stands; a name alone may be another's.
 */
export function namesSubject(value: unknown, subject: Subject): boolean {
  return names(value, '', createTraces(subject), false)
}

function names(item: unknown, name: string, traces: Traces, isCustomer: boolean): boolean {
  if (typeof item === 'object' && item !== null) {
    return Object.entries(item).some(([key, element]) => {
      const own = Array.isArray(item) ? name : plain(key)
      return names(element, own, traces, isCustomer || customerNames.has(own))
    })
  }
  if (typeof item !== 'string' && typeof item !== 'number') return false
  return traces.isCertainIn(String(item)) || (isCustomer && traces.isId(String(item)))
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}
