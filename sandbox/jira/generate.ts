import { createPerson } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story } from '../story.ts'
import { dayMs, hourMs, minuteMs } from '../times.ts'
import { toParagraphs } from './adf.ts'
import { addLink, addTurn, moveTo, toItem } from './changes.ts'
import { bugs, type Conversation, conversations } from './conversations.ts'
import { fieldIds, findField, findRequestType } from './fields.ts'
import type { JiraIssue } from './model.ts'
import { agents, automation, developers, type JiraUser, organizations, projects, serviceAccount, toCustomerId } from './site.ts'
import type { JiraState } from './state.ts'
import { seedTold } from './story-tickets.ts'
import { fromWiki } from './wiki.ts'
import { priorities } from './workflows.ts'

export interface SeedOptions {
  readonly random: Random
  /** The end of the history. */
  readonly until: number
  /** How many requests the two service projects have. The software project has a bug for every 16th. */
  readonly count: number
  /** What the other systems of the sandbox tell too. Its requests come first. */
  readonly story?: Story | undefined
}

export interface Requester {
  readonly accountId: string
  readonly firstName: string
  readonly orders: readonly string[]
}

/** Fills the site with the requests of the story, then with others of the last 90 days, oldest first. The same random gives the same site. */
export function seed(state: JiraState, options: SeedOptions): void {
  const { random, until, count, story } = options
  const requesters = new Map<string, readonly Requester[]>()
  const accounts = new Map(
    story?.customers.map(({ name, email, orders }) => {
      const ids = orders.map(({ id }) => id)
      return [email, addCustomer(state, random, name, email, ids)] as const
    }),
  )
  const known = [...accounts.values()]
  const told = story?.ticketsOf('jira', count) ?? []
  for (const ticket of told) seedTold(state, random, ticket, accounts.get(ticket.customer.email)!.accountId)
  const times = Array.from(
    { length: count - told.length },
    () => until - Math.floor(random.next() ** 1.6 * 90 * dayMs) - random.int(20, 900) * minuteMs,
  )
  const recentBugs: JiraIssue[] = []
  for (const [index, created] of times.toSorted((one, other) => one - other).entries()) {
    const conversation = random.pick(conversations) as Conversation
    const local = requesters.get(conversation.region) ?? addRequesters(state, random, conversation)
    requesters.set(conversation.region, local)
    const requester = (known.length > 0 && random.chance(0.3) ? random.pick(known) : random.pick(local)) as Requester
    const issue = seedRequest(state, { random, until, created, conversation, requester })
    if (index % 16 === 3) recentBugs.push(seedBug(state, random, issue, until))
    else if (conversation.requestTypeId === '4' && recentBugs.length > 0) {
      const bug = recentBugs.at(-1)!
      addLink(state, '10004', bug.id, issue.id)
    }
  }
}

function addRequesters(state: JiraState, random: Random, { region, country }: Conversation): readonly Requester[] {
  return Array.from({ length: 14 }, () => {
    const { firstName, lastName, email } = createPerson(random, region)
    const requester = addCustomer(state, random, `${firstName} ${lastName}`, email, [])
    const organization = random.chance(0.15) ? organizations[{ SG: 0, CO: 1, ES: 1, DE: 2 }[country] ?? -1] : undefined
    if (organization) state.members.set(organization.id, [...(state.members.get(organization.id) ?? []), requester.accountId])
    return requester
  })
}

/** A portal customer. Most withhold nothing; a third withhold the e-mail address. */
function addCustomer(
  state: JiraState,
  random: Random,
  displayName: string,
  emailAddress: string,
  orders: readonly string[],
): Requester {
  const accountId = toCustomerId(random)
  const user: JiraUser = {
    ...{ accountId, accountType: 'customer', displayName, emailAddress, active: true },
    ...{ showsEmail: orders.length > 0 || random.chance(0.67), timeZone: serviceAccount.timeZone },
  }
  state.users.set(accountId, user)
  return { accountId, firstName: displayName.split(' ')[0] ?? displayName, orders }
}

interface RequestSeed {
  readonly random: Random
  readonly until: number
  readonly created: number
  readonly conversation: Conversation
  readonly requester: Requester
}

function seedRequest(state: JiraState, { random, until, created, conversation, requester }: RequestSeed): JiraIssue {
  const type = findRequestType(conversation.requestTypeId)!
  const project = projects.find(({ serviceDeskId }) => serviceDeskId === type.serviceDeskId)!
  const order = requester.orders.length > 0 ? (random.pick(requester.orders) as string) : `ORD-${random.int(100_000, 999_999)}`
  const amount = random.int(50, 9000) / 100
  const fill = (text: string) =>
    text.replaceAll('{order}', order).replaceAll('{amount}', amount.toFixed(2)).replaceAll('{name}', requester.firstName)
  const hasField = (id: string) => type.fields.some(({ fieldId }) => fieldId === id)
  const organizationIds = organizations.flatMap(({ id }) => (state.members.get(id)?.includes(requester.accountId) ? [id] : []))
  const optionOf = (fieldId: string, value: string) => findField(fieldId)?.options?.find((option) => option.value === value)?.id
  const custom = {
    ...(hasField(fieldIds.orderNumber) && { [fieldIds.orderNumber]: order }),
    ...(hasField(fieldIds.country) && { [fieldIds.country]: optionOf(fieldIds.country, conversation.country) }),
    ...(hasField(fieldIds.refundAmount) && { [fieldIds.refundAmount]: amount }),
    ...(hasField(fieldIds.severity) && {
      [fieldIds.severity]: optionOf(fieldIds.severity, random.pick(['Minor', 'Major', 'Critical'])),
    }),
    ...(hasField(fieldIds.affected) && {
      [fieldIds.affected]: random.some(['100540', '100541', '100542', '100543'], random.int(1, 2)),
    }),
    ...(random.chance(0.08) && { [fieldIds.followUpAt]: created + random.int(1, 6) * dayMs }),
    ...(random.chance(0.1) && { [fieldIds.specialist]: random.pick(agents.slice(0, 5)).accountId }),
  }
  const incident = random.int(100, 999)
  const remoteLinks = random.chance(0.05)
    ? [
        {
          ...{ id: state.nextId(), globalId: `status/${incident}`, relationship: 'caused by' },
          ...{ url: `https://status.shop.example/incidents/${incident}`, title: `Incident ${incident}` },
        },
      ]
    : []
  const issue = state.add({
    ...{ oldKeys: [], projectId: project.id, issueTypeId: type.issueTypeId, requestTypeId: type.id, custom },
    ...{ summary: fill(conversation.summary), description: fromWiki(fill(conversation.description)), organizationIds },
    ...{ statusId: project.key === 'SUP' ? '10001' : '10000', statusChangedAt: created, resolutionId: null, resolvedAt: null },
    priorityId: random.weighted([[1, '1'], [3, '2'], [8, '3'], [3, '4'], [1, '5']]), // biome-ignore format: a table
    ...{ reporterId: requester.accountId, creatorId: requester.accountId, assigneeId: null, watcherIds: [] },
    labels: random.chance(0.75) ? conversation.labels : [],
    dueDate: random.chance(0.12) ? new Date(created + random.int(2, 20) * dayMs).toISOString().slice(0, 10) : null,
    participantIds: random.chance(0.1) ? organizationIds.flatMap((id) => state.members.get(id)?.slice(0, 1) ?? []) : [],
    channel: random.weighted([[6, 'portal'], [3, 'email'], [1, 'api']]), // biome-ignore format: a table
    ...{ comments: [], attachments: [], remoteLinks, history: [], feedback: null, created, updated: created },
  })
  converse(state, issue.id, { random, until, conversation, fill, requester })
  return state.find(String(issue.id)) as JiraIssue
}

interface Talk extends Pick<RequestSeed, 'random' | 'until' | 'conversation' | 'requester'> {
  readonly fill: (text: string) => string
}

/** The agent takes the request, both write, and it may be solved. It stops where the time ends. */
function converse(state: JiraState, id: number, { random, until, conversation, fill, requester }: Talk): void {
  const read = () => state.find(String(id)) as JiraIssue
  const isSupport = read().key.startsWith('SUP')
  let at = read().created
  const advance = (longest: number) => {
    at += random.int(3, longest) * minuteMs
    return at < until
  }
  const move = (statusId: string, userId: string, resolutionId: string | null = null) =>
    moveTo(state, read(), statusId, userId, at, resolutionId)
  if (!advance(150) || random.chance(0.08)) return
  const assignee = random.pick(agents.slice(0, 5))
  state.change(
    id,
    { assigneeId: assignee.accountId, watcherIds: [assignee.accountId] },
    {
      ...{ userId: random.chance(0.5) ? assignee.accountId : automation.accountId, at },
      items: [toItem('assignee', null, null, assignee.accountId, assignee.displayName)],
    },
  )
  const turns = conversation.turns.slice(0, random.int(1, conversation.turns.length + 2))
  for (const turn of turns) {
    if (!advance(turn.by === 'customer' ? 600 : 240)) return
    addTurn(state, read(), turn, fill(turn.text), turn.by === 'customer' ? requester.accountId : assignee.accountId, at)
    if (turn.by === 'agent' && random.chance(0.7)) move('10002', assignee.accountId)
    if (turn.by === 'customer') move(isSupport ? '10001' : '10005', automation.accountId)
  }
  if (isSupport && random.chance(0.06) && advance(60)) move('10003', assignee.accountId)
  if (turns.length < conversation.turns.length || !advance(900)) return
  if (random.chance(0.8)) {
    move('5', assignee.accountId, random.weighted([[8, '10000'], [1, '10001'], [1, '10002']])) // biome-ignore format: a table
    if (isSupport && random.chance(0.4) && advance(4000)) move('6', automation.accountId, read().resolutionId)
    if (random.chance(0.35) && advance(2000)) {
      const rating = random.weighted([[6, 5], [3, 4], [1, 3], [1, 2], [1, 1]]) // biome-ignore format: a table
      state.change(
        id,
        { feedback: { rating, comment: rating < 3 ? 'It took too long.' : null, at } },
        { userId: requester.accountId, at },
      )
    }
  } else if (random.chance(0.5)) {
    move(isSupport ? '10006' : '10007', assignee.accountId, isSupport ? '10001' : '10004')
  }
}

/** A bug of the software project that causes the request. */
function seedBug(state: JiraState, random: Random, request: JiraIssue, until: number): JiraIssue {
  const { summary, description } = random.pick(bugs)!
  const created = Math.min(request.updated + random.int(5, 300) * minuteMs, until)
  const reporterId = request.assigneeId ?? agents[0]!.accountId
  const bug = state.add({
    ...{
      oldKeys: [],
      projectId: 10003,
      issueTypeId: '10020',
      requestTypeId: null,
      summary,
      description: toParagraphs(description),
    },
    ...{
      statusId: '10008',
      statusChangedAt: created,
      priorityId: random.pick(priorities).id,
      resolutionId: null,
      resolvedAt: null,
    },
    ...{
      reporterId,
      creatorId: reporterId,
      assigneeId: random.pick(developers).accountId,
      labels: ['from-support'],
      dueDate: null,
    },
    ...{
      organizationIds: [],
      participantIds: [],
      watcherIds: [reporterId],
      channel: 'jira',
      custom: {},
      comments: [],
      attachments: [],
    },
    ...{ remoteLinks: [], history: [], feedback: null, created, updated: created },
  })
  addLink(state, '10004', bug.id, request.id)
  const later = created + random.int(2, 60) * hourMs
  if (random.chance(0.6) && later < until) moveTo(state, bug, '3', developers[0]!.accountId, later, null)
  return bug
}
