import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { forbidden, maySee, notFound, personOf } from './routes.ts'
import { fields, type NewPart, people, queues, type RtPerson, type RtRecord, type RtState, toTextPart } from './state.ts'
import { type Json, statuses } from './wire.ts'

/** RT answers 200 and a sentence for each field: a refusal is only in the words (RT-01). */
interface Change {
  readonly sentence: string
  readonly changes: Partial<RtRecord>
  readonly type: string
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** Login, address or name of a person. */
function findPerson(text: unknown): RtPerson | undefined {
  return people.find(({ login, email }) => login === text || email === text)
}

const changes: Readonly<Record<string, (value: unknown, ticket: RtRecord, now: number) => Change | string>> = {
  Subject: (value, { subject }) => ({
    sentence: `Subject changed from '${subject}' to '${value}'`,
    changes: { subject: String(value) },
    type: 'Set',
  }),
  Priority: (value, { priority }) => ({
    sentence: `Priority changed from '${priority}' to '${value}'`,
    changes: { priority: Number(value) },
    type: 'Set',
  }),
  Status(value, { status, resolved }, now) {
    const wanted = statuses.find((one) => one === value)
    if (!wanted) return `Status '${value}' isn't a valid status for this ticket.`
    const isEnd = wanted === 'resolved' || wanted === 'rejected'
    return {
      sentence: `Status changed from '${status}' to '${wanted}'`,
      changes: { status: wanted, resolved: isEnd ? now : resolved },
      type: 'Status',
    }
  },
  Queue(value, { queue }) {
    const found = queues.find(({ id, name }) => String(id) === String(value) || name === value)
    if (!found) return 'That queue does not exist'
    return { sentence: `Queue changed from '${queue}' to '${found.name}'`, changes: { queue: found.id }, type: 'Set' }
  },
  Owner(value, { owner }) {
    const login = value === 'Nobody' ? 'Nobody' : findPerson(value)?.login
    if (login === undefined) return 'That user does not exist'
    const isAgent = login === 'Nobody' || people.some((one) => one.login === login && one.role === 'agent')
    if (!isAgent) return 'That user may not own tickets in that queue'
    return { sentence: `Owner changed from ${owner} to ${login}`, changes: { owner: login }, type: 'Set' }
  },
}

/** By id or name; a list replaces all values (RT-06). A field that the ticket does not have is left out. */
function toValues(ticket: Pick<RtRecord, 'values'>, given: unknown): RtRecord['values'] {
  const set = Object.entries((given ?? {}) as Json).flatMap(([key, value]) => {
    const field = fields.find(({ id, name }) => String(id) === key || name === key)
    return field ? [[field.id, [value].flat().map(String)] as const] : []
  })
  return { ...ticket.values, ...Object.fromEntries(set) }
}

/** A message of a request; an error where a part of it is missing. */
function toParts(body: Json): readonly NewPart[] | Reply {
  const files = (body.Attachments ?? []) as readonly Readonly<Record<string, string>>[]
  for (const file of files) {
    const missing = ['FileName', 'FileType', 'FileContent'].find((name) => !file[name])
    if (missing) return { status: 400, body: { message: `${missing} is a required field for each attachment in Attachments` } }
  }
  // "0" is no text (RT-02).
  const text = body.Content && body.Content !== '0' ? String(body.Content) : ''
  if (text !== '' && !body.ContentType)
    return { status: 400, body: { message: 'ContentType is a required field for application/json' } }
  return [
    toTextPart(text, String(body.ContentType ?? 'text/plain')),
    ...files.map(({ FileName = '', FileType = '', FileContent = '' }) => ({
      // The name is read as octets.
      filename: Buffer.from(FileName, 'latin1').toString('utf8'),
      contentType: FileType,
      content: Buffer.from(FileContent, 'base64'),
    })),
  ]
}

export function writeRoutes(state: RtState): readonly Route[] {
  const message =
    (type: 'Correspond' | 'Comment', mayWrite: (role: RtPerson['role']) => boolean) => (request: SimulatorRequest) => {
      const ticket = state.load(Number(request.params[0]))
      const person = personOf(request)
      if (!ticket || !person) return notFound
      if (!maySee(person, ticket) || !mayWrite(person.role)) return { status: 400, body: { message: 'Permission Denied' } }
      const parts = toParts(request.json())
      if ('status' in parts) return parts
      const now = seconds()
      const { id } = state.record(ticket.id, type, person.login, now, parts)
      state.change(ticket.id, type === 'Correspond' && ticket.status === 'new' ? { status: 'open' } : {}, now)
      const sentence = type === 'Correspond' ? 'Correspondence added' : 'Comments added'
      const location = `http://${request.headers.host}/REST/2.0/transaction/${id}`
      return { status: 201, headers: { location }, body: [sentence] }
    }
  return [
    {
      ...{ method: 'POST', operation: 'correspond', path: /^\/REST\/2\.0\/ticket\/(\d+)\/correspond$/ },
      handle: message('Correspond', (role) => role !== 'reader'),
    },
    {
      ...{ method: 'POST', operation: 'comment', path: /^\/REST\/2\.0\/ticket\/(\d+)\/comment$/ },
      handle: message('Comment', (role) => role === 'agent'),
    },
    {
      ...{ method: 'PUT', operation: 'update', path: /^\/REST\/2\.0\/ticket\/(\d+)$/ },
      handle(request) {
        const ticket = state.load(Number(request.params[0]))
        const person = personOf(request)
        if (!ticket || !person) return notFound
        if (!maySee(person, ticket)) return forbidden
        const version = `"${state.latestTransaction(ticket.id)?.id}"`
        if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== version)
          return { status: 412, body: { message: 'Precondition Failed' } }
        return { status: 200, body: update(state, ticket, request.json(), person) }
      },
    },
    {
      ...{ method: 'POST', operation: 'create', path: /^\/REST\/2\.0\/ticket$/ },
      handle: (request) => create(state, request),
    },
  ]
}

function update(state: RtState, ticket: RtRecord, body: Json, { role, login }: RtPerson): readonly string[] {
  const now = seconds()
  const tell = (sentence: string) => `Ticket ${ticket.id}: ${sentence}`
  if (role !== 'agent') return Object.keys(body).map(() => tell('Permission Denied'))
  const sentences = Object.entries(body).flatMap(([name, value]) => {
    const change = changes[name]?.(value, state.tickets.get(ticket.id)!, now)
    if (change === undefined) return []
    if (typeof change === 'string') return [tell(change)]
    state.record(ticket.id, change.type, login, now)
    state.change(ticket.id, change.changes, now)
    return [tell(change.sentence)]
  })
  if (body.CustomFields === undefined) return sentences
  state.record(ticket.id, 'CustomField', login, now)
  state.change(ticket.id, { values: toValues(state.tickets.get(ticket.id)!, body.CustomFields) }, now)
  return [...sentences, tell('Custom fields changed')]
}

function create(state: RtState, request: SimulatorRequest): Reply {
  const body = request.json()
  const person = personOf(request)
  const queue = queues.find(({ id, name }) => String(id) === String(body.Queue) || name === body.Queue)
  if (!queue || person?.role !== 'agent')
    return { status: 403, body: { message: `No permission to create tickets in the queue '${body.Queue}'` } }
  const parts = toParts(body)
  if ('status' in parts) return parts
  const now = seconds()
  const requestors = [body.Requestor ?? []].flat().map((one) => findPerson(one)?.login ?? String(one))
  const ticket = {
    ...{ subject: String(body.Subject ?? ''), status: 'new', queue: queue.id, priority: Number(body.Priority ?? 0) },
    ...{ owner: 'Nobody', requestors, cc: [], adminCc: [], created: now, lastUpdated: now, resolved: 0, due: 0 },
    values: toValues({ values: {} }, body.CustomFields),
  }
  const hasMessage = body.Content !== undefined || body.Attachments !== undefined
  const { id } = state.open(ticket, hasMessage ? parts : [], person.login)
  const url = `http://${request.headers.host}/REST/2.0/ticket/${id}`
  return { status: 201, headers: { location: url }, body: { type: 'ticket', id: String(id), _url: url } }
}
