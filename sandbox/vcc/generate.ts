import { createPerson, toHandle } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story, StoryTicket } from '../story.ts'
import { dayMs, hourMs, toEpochSeconds, toIsoOffset } from '../times.ts'
import { type Project, projects } from './ticket-templates.ts'
import { documentedEvents, type VccEvent, type VccTicket } from './wire.ts'

/** An agent of the call centre. */
export interface Agent {
  readonly id: number
  readonly name: string
  readonly userName: string
}

/** The events of `count` tickets, each in the order of sending, including the documented ones. The same random gives the same events. */
export function generateHistories(
  random: Random,
  agents: readonly Agent[],
  until: number,
  count: number,
  story?: Story,
): VccEvent[][] {
  const told = (story?.ticketsOf('vcc', count) ?? []).map((ticket) => toTold(ticket, random, agents))
  const histories: VccEvent[][] = [[...documentedEvents]]
  while (histories.length < count - told.length) histories.push(createHistory(random, until, histories.length, agents))
  return [...histories, ...told]
}

/** A call of the story: an agent wrote down what the caller said. */
function toTold(told: StoryTicket, random: Random, agents: readonly Agent[]): VccEvent[] {
  const [projectId, ticketId] = told.id.split('-').map(Number) as [number, number]
  const project = projects.find(({ id }) => id === projectId)!
  const { id, name, userName } = random.pick(agents)!
  const opened = toIsoOffset(told.createdAt, project.offsetHours)
  const key = {
    ...{ ticketId, projectId, projectName: project.name },
    ticketNo: `${projectId}-${opened.slice(0, 10).replaceAll('-', '')}-${270_000 + ticketId}`,
  }
  const add: VccEvent = {
    action: 'add',
    ticket: {
      ...{ ...key, entityId: 1000 + (ticketId % 1000), contactId: ticketId % 1000, title: told.title, type: 'complaint' },
      ...{ description: told.messages[0]!.text, firstOpenTime: opened, lastOpenTime: opened, status: 'park' },
      ...{
        subStatus: 'waiting4agent',
        createdUserId: id,
        createdUserName: name,
        agentName: name,
        agentUserName: userName,
        userId: id,
      },
    },
  }
  const lastOpenTime = toIsoOffset(told.updatedAt + hourMs, project.offsetHours)
  const closed = { action: 'update', ticket: { ...key, lastOpenTime, userId: id, status: 'closed', subStatus: 'successful' } }
  return told.state === 'solved' ? [add, closed] : [add]
}

/** The agents of the call centre. */
export function createAgents(random: Random): Agent[] {
  return Array.from({ length: 14 }, (_, index): Agent => {
    const { firstName, lastName } = createPerson(random, 'europe')
    const name = `${firstName} ${lastName}`
    return { id: 6 + index, name, userName: toHandle(name, '_') }
  })
}

function createHistory(random: Random, until: number, index: number, agents: readonly Agent[]): VccEvent[] {
  const openedAt = until - dayMs - Math.floor(random.next() ** 2 * 60 * dayMs)
  const project = toProject(index)
  const added = createTicket(random, index, openedAt, random.pick(agents))
  const updates = createUpdates(random, project, added, openedAt, until, agents)
  const add = { action: 'add', ticket: added }
  const history = random.chance(0.04) && updates[0] ? [updates[0], add, ...updates.slice(1)] : [add, ...updates]
  const { cc: _, ...whole } = added
  return random.chance(0.03) ? [...history, { action: 'delete', ticket: whole }] : history
}

/** The ticket number `index` of all. Ids count up within each project, so that every project has a ticket 22. */
export function createTicket(random: Random, index: number, openedAt: number, agent: Agent): VccTicket {
  const project = toProject(index)
  const ticketId = 22 + Math.floor((index - 1) / projects.length)
  const [title, type, description] = random.pick(project.templates)
  const { id, name } = agent
  const entityId = random.int(1000, 9999)
  const opened = random.chance(0.1) ? toEpochSeconds(openedAt) : toIsoOffset(openedAt, project.offsetHours)
  const day = toIsoOffset(openedAt, project.offsetHours).slice(0, 10).replaceAll('-', '')
  return {
    ticketId,
    entityId,
    contactId: entityId - random.int(100, 900),
    ticketNo: `${project.id}-${day}-${270_000 + ticketId * 13 + (project.id % 13)}`,
    title,
    type,
    description,
    ...(random.chance(0.15)
      ? { cc: random.chance(0.5) ? 'supervisor@example.com' : ['supervisor@example.com', 'quality@example.com'] }
      : {}),
    firstOpenTime: opened,
    lastOpenTime: opened,
    ...(random.chance(0.8)
      ? { softDeadline: toIsoOffset(openedAt + random.pick([4, 24, 48]) * hourMs, project.offsetHours) }
      : {}),
    status: 'park',
    ...(random.chance(0.85) ? { [random.chance(0.9) ? 'subStatus' : 'substatus']: 'waiting4agent' } : {}),
    createdUserId: id,
    projectId: project.id,
    projectName: project.name,
    createdUserName: name,
    ...(random.chance(0.9) ? { agentName: name, agentUserName: agent.userName } : {}),
    userId: id,
  }
}

function toProject(index: number): Project {
  return projects[(index - 1) % projects.length] as Project
}

/** Up to three updates: new sub-statuses, new agents, often the end. Each has its own `lastOpenTime`, so that no two are equal. */
function createUpdates(
  random: Random,
  project: Project,
  added: VccTicket,
  from: number,
  until: number,
  agents: readonly Agent[],
): VccEvent[] {
  let at = from
  const steps = random.weighted([
    [4, 0],
    [4, 1],
    [2, 2],
    [0.5, 3],
  ] as const)
  return Array.from({ length: steps }, (_, index) => {
    at = random.later(at, 2 * dayMs, until)
    const isClosing = index === steps - 1 && random.chance(0.6)
    return {
      action: 'update',
      ticket: {
        ...toKeyFields(added, random.chance(0.1) ? project.renamed : project.name),
        lastOpenTime: toIsoOffset(at, project.offsetHours),
        userId: random.pick(agents).id,
        ...(isClosing ? createClosingFields(random) : createChangedFields(random, agents)),
      },
    }
  })
}

/** The fields of every event, changed or not. */
export function toKeyFields({ ticketId, ticketNo, projectId }: VccTicket, projectName: string) {
  return { ticketId, ticketNo, projectId, projectName }
}

function createClosingFields(random: Random) {
  return {
    status: 'closed',
    subStatus: random.weighted([
      [4, 'successful'],
      [1, 'unsuccessful'],
    ] as const),
  }
}

function createChangedFields(random: Random, agents: readonly Agent[]): Partial<VccTicket> {
  const { name, userName } = random.pick(agents)
  return random.pick([
    { subStatus: 'waiting4entity' },
    { subStatus: 'waiting4agent', agentName: name, agentUserName: userName },
    { subStatus: 'waiting4entity', type: 'complaint' },
    { substatus: 'waiting4entity' },
    { subStatus: 'waiting4supervisor' },
  ])
}
