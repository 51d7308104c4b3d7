import { fields, people, queues, type RtPartRecord, type RtRecord, type RtState, type RtTransactionRecord } from './state.ts'

// How RT writes its records. Ids are texts in lists, and the id of a ticket alone is a number.

export type Json = Readonly<Record<string, unknown>>

export const statuses = ['new', 'open', 'stalled', 'resolved', 'rejected'] as const
const steps: Readonly<Record<string, readonly (readonly [to: string, label: string])[]>> = {
  new: [
    ['open', 'Open It'],
    ['resolved', 'Resolve'],
    ['rejected', 'Reject'],
  ],
  open: [
    ['stalled', 'Stall'],
    ['resolved', 'Resolve'],
    ['rejected', 'Reject'],
  ],
  stalled: [['open', 'Open It']],
  resolved: [['open', 'Re-open']],
  rejected: [['open', 'Re-open']],
}

export function toTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

/** Which fields a caller asks for, of the record and of those that it names: `fields=Queue&fields[Queue]=Name`. */
export class Selection {
  readonly #query: URLSearchParams
  readonly base: string

  constructor(query: URLSearchParams, base: string) {
    this.#query = query
    this.base = base
  }

  /** Plain rows have no other fields than these (RT-05). */
  of(item: Json, ...known: readonly Json[]): Json {
    const all: Json = Object.assign({}, ...known)
    const wanted = (this.#query.get('fields') ?? '').split(',').filter((name) => Object.hasOwn(all, name))
    return { ...item, ...Object.fromEntries(wanted.map((name) => [name, all[name]])) }
  }

  reference(type: string, id: string | number, field: string, more: Json = {}): Json {
    const names = (this.#query.get(`fields[${field}]`) ?? '').split(',').filter((name) => Object.hasOwn(more, name))
    const part = Object.fromEntries(names.map((name) => [name, more[name]]))
    return { type, id: String(id), _url: `${this.base}/REST/2.0/${type}/${id}`, ...part }
  }

  user(login: string, field: string): Json {
    const known = people.find((one) => one.login === login)
    const email = known?.email ?? (login.includes('@') ? login : '')
    return this.reference('user', login, field, { Name: login, RealName: known?.name ?? '', EmailAddress: email })
  }
}

/** Every field of a ticket that the sandbox has. */
export function toFields(ticket: RtRecord, select: Selection): Json {
  const queue = queues.find(({ id }) => id === ticket.queue)
  return {
    Subject: ticket.subject,
    Status: ticket.status,
    Type: 'ticket',
    Queue: select.reference('queue', ticket.queue, 'Queue', { Name: queue?.name }),
    Priority: String(ticket.priority),
    EffectiveId: String(ticket.effectiveId),
    Owner: select.user(ticket.owner, 'Owner'),
    Requestor: ticket.requestors.map((login) => select.user(login, 'Requestor')),
    Cc: ticket.cc.map((login) => select.user(login, 'Cc')),
    AdminCc: ticket.adminCc.map((login) => select.user(login, 'AdminCc')),
    Created: toTime(ticket.created),
    LastUpdated: toTime(ticket.lastUpdated),
    Resolved: toTime(ticket.resolved),
    Due: toTime(ticket.due),
    CustomFields: fields.map(({ id, name }) => ({
      ...{ id: String(id), type: 'customfield', name, _url: `${select.base}/REST/2.0/customfield/${id}` },
      values: ticket.values[id] ?? [],
    })),
  }
}

const linkRefs = {
  DependsOn: ['depends-on', 'depended-on-by'],
  MemberOf: ['parent', 'child'],
  RefersTo: ['refers-to', 'referred-to-by'],
} as const

/** What the caller may do with a ticket, and where it leads. */
export function toHyperlinks(state: RtState, ticket: RtRecord, role: string, base: string): readonly Json[] {
  const url = `${base}/REST/2.0/ticket/${ticket.id}`
  const toTicket = (ref: string, id: number) => ({ ref, type: 'ticket', id: String(id), _url: `${base}/REST/2.0/ticket/${id}` })
  const links = state.links.flatMap(({ type, base: from, target }) => [
    ...(from === ticket.id ? [toTicket(linkRefs[type][0], target)] : []),
    ...(target === ticket.id ? [toTicket(linkRefs[type][1], from)] : []),
  ])
  const lifecycle = (steps[ticket.status] ?? []).map(([to, label]) => ({
    ...{ ref: 'lifecycle', from: ticket.status, to, label, update: 'Comment', _url: `${url}/comment` },
  }))
  return [
    { ref: 'self', type: 'ticket', id: ticket.id, _url: url },
    { ref: 'history', _url: `${url}/history` },
    ...(role === 'reader' ? [] : [{ ref: 'correspond', _url: `${url}/correspond` }]),
    ...(role === 'agent' ? [{ ref: 'comment', _url: `${url}/comment` }, ...lifecycle] : []),
    ...links,
  ]
}

export function toTransaction({ id, ticket, type, creator, created }: RtTransactionRecord, select: Selection): Json {
  return {
    ...{
      id: String(id),
      Type: type,
      Creator: select.user(creator, 'Creator'),
      Created: toTime(created),
      ObjectId: String(ticket),
    },
    Object: select.reference('ticket', ticket, 'Object'),
  }
}

/** The text of a message is readable, and a file is base64. */
export function toPart({ id, transaction, filename, contentType, content }: RtPartRecord): Json {
  return {
    ...{ id: String(id), TransactionId: String(transaction), Filename: filename, ContentType: contentType },
    ContentLength: String(content.length),
    Content: contentType.startsWith('text/') ? content.toString('utf8') : content.toString('base64'),
  }
}
