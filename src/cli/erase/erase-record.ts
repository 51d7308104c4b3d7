import type { Subject } from './subject.ts'

export const erased = '[erased]'

/** Field names, in any vendor's spelling, whose content is about the customer or written freely. Compared without case, dashes and underscores. */
const personalNames = new Set([
  ...['customer', 'customerid', 'customername', 'customeremail', 'client', 'guest', 'contact', 'contactid', 'entityid', 'user'],
  ...['email', 'mail', 'phone', 'phonenumber', 'mobile', 'name', 'firstname', 'lastname', 'fullname', 'address', 'cc', 'bcc'],
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
    'notes',
  ],
  ...['attachments', 'order', 'orders', 'orderid', 'orderids', 'subscriptioncontractids', 'metadata'],
])

/**
 * A JSON value without what is personal in it: everything below a personal field's name, and wherever else something
 * that names the customer stands. The shape stays, so that what read the value before still can.
 */
export function eraseRecord(value: unknown, subject: Subject): unknown {
  const isTrace = createTraceTest(subject)
  const walk = (item: unknown, isPersonal: boolean): unknown => {
    if (typeof item === 'string') return isPersonal || isTrace(item) ? erased : item
    if (typeof item === 'number') return isPersonal || isTrace(String(item)) ? null : item
    if (Array.isArray(item)) return isPersonal ? [] : item.map((element) => walk(element, false))
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(
      Object.entries(item).map(([name, element]) => [name, walk(element, isPersonal || isPersonalName(name))]),
    )
  }
  return walk(value, false)
}

/** Does anything in this JSON value name the customer? */
export function namesSubject(value: unknown, subject: Subject): boolean {
  const isTrace = createTraceTest(subject)
  const walk = (item: unknown): boolean => {
    if (typeof item === 'string') return isTrace(item)
    if (typeof item === 'number') return isTrace(String(item))
    return typeof item === 'object' && item !== null && Object.values(item).some(walk)
  }
  return walk(value)
}

function isPersonalName(name: string): boolean {
  return personalNames.has(name.toLowerCase().replaceAll(/[-_]/g, ''))
}

/** Shorter traces ("Li", "42") are only recognised as the whole of a text: inside others they are chance. */
const shortestPart = 5

function createTraceTest({ emails, ids, externalIds, traces }: Subject): (text: string) => boolean {
  const whole = new Set([...emails, ...ids, ...externalIds, ...traces].map((trace) => trace.toLowerCase()))
  const parts = [...whole].filter((trace) => trace.length >= shortestPart)
  return (text) => {
    const lower = text.toLowerCase()
    return whole.has(lower) || parts.some((part) => lower.includes(part))
  }
}
