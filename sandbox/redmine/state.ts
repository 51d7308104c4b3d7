import type { Random } from '../random.ts'
import { hourMs, minuteMs } from '../times.ts'
import { type Issue, type Journal, secondLevel } from './wire.ts'

/** Redmine's issues, by id. */
export interface RedmineState {
  size(): number
  find(id: number): Issue | undefined
  all(): readonly Issue[]
  /** Changes an issue, and adds a journal to it. */
  change(id: number, changes: Partial<Issue>, journal: Omit<Journal, 'id' | 'at'>, now: number): Issue
  add(issue: Omit<Issue, 'id'>): Issue
}

/** The generated issues as a new state. */
export function createRedmineState(random: Random, until: number, count: number): RedmineState {
  const issues = new Map<number, Issue>()
  let lastJournal = 0
  const nextJournal = () => {
    lastJournal += 1
    return lastJournal
  }
  for (let id = 1; id <= count; id++) issues.set(id, generateIssue(id, count, random, until, nextJournal))
  const put = (issue: Issue) => {
    issues.set(issue.id, issue)
    return issue
  }
  return {
    size: () => issues.size,
    find: (id) => issues.get(id),
    all: () => [...issues.values()],
    change(id, changes, journal, now) {
      const issue = issues.get(id) as Issue
      const added = { ...journal, id: nextJournal(), at: now }
      return put({ ...issue, ...changes, updatedOn: now, journals: [...issue.journals, added] })
    },
    add: (issue) => put({ ...issue, id: issues.size + 1 }),
  }
}

const subjects = ['Cannot log in', 'Invoice is missing', 'Router restarts', 'Password reset', 'Slow downloads', 'Wrong address']

/** Agents are 5 and 6, customers 9 and 10. An issue opens an hour after the one before. */
function generateIssue(id: number, count: number, random: Random, until: number, nextJournal: () => number): Issue {
  const createdOn = until - (count - id + 2) * hourMs
  // Many share the second of their update: Redmine orders by parts of it that it does not print.
  const updatedOn = id % 9 === 0 ? until - hourMs + random.int(0, 999) : random.later(createdOn, 60 * hourMs, until)
  const authorId = random.pick([9, 10] as const)
  const statusId = random.weighted([
    [3, 1],
    [3, 2],
    [2, 3],
    [2, 4],
    [4, 5],
    [1, 6],
  ] as const)
  const isClosed = statusId === 5 || statusId === 6
  return {
    id,
    projectId: random.int(1, 3),
    trackerId: random.int(1, 3),
    statusId,
    priorityId: random.int(1, 5),
    authorId,
    assignedToId: random.weighted([
      [4, 5],
      [4, 6],
      [1, secondLevel.id],
      [2, null],
    ] as const),
    categoryId: random.weighted([
      [2, 1],
      [2, 2],
      [1, null],
    ] as const),
    parentId: id % 10 === 0 ? id - 1 : null,
    subject: `${random.pick(subjects)} (${id})`,
    description: `Hello,\r\n\r\nthis has happened ${id} times.\r\n`,
    dueDate: id % 7 === 0 ? '2026-05-01' : null,
    customValues: {
      1: random.pick(['email', 'phone', 'web', 'chat'] as const),
      2: random.some(['vip', 'outage', 'invoice', 'refund'], random.int(0, 2)),
      3: `EXT-${id}`,
    },
    createdOn,
    updatedOn,
    closedOn: isClosed ? updatedOn : null,
    journals: generateJournals(id, authorId, createdOn, nextJournal),
    relatedTo: id % 6 === 0 ? [id - 1] : [],
    watcherIds: id % 4 === 0 ? [5, 6] : [],
    hasFile: id % 8 === 0,
  }
}

/** A change without a note, a question, an answer, and on every third issue a private note. */
function generateJournals(id: number, authorId: number, createdOn: number, nextJournal: () => number): readonly Journal[] {
  const journal = (minutes: number, userId: number, notes: string, isPrivate = false): Journal => ({
    ...{ id: nextJournal(), userId, notes, isPrivate, at: createdOn + minutes * minuteMs },
    details: notes === '' ? [{ name: 'status_id', old_value: '1', new_value: '2' }] : [],
  })
  return [
    journal(1, 5, ''),
    journal(2, authorId, `Is there any news on ${id}?`),
    journal(3, 6, `We are looking into ${id}.`),
    ...(id % 3 === 0 ? [journal(4, 5, `Do not tell the customer of ${id}.`, true)] : []),
  ]
}
