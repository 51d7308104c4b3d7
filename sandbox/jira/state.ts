import type { HistoryEntry, HistoryItem, JiraIssue, JiraLink } from './model.ts'
import type { JiraSettings } from './settings.ts'
import { agents, automation, developers, type JiraUser, projects, serviceAccount } from './site.ts'

/** A change of an issue, as webhooks report it. */
export interface JiraChange {
  readonly kind: 'created' | 'updated' | 'deleted' | 'comment_created' | 'comment_updated' | 'comment_deleted'
  readonly issue: JiraIssue
  readonly userId: string
  readonly at: number
  readonly entry: HistoryEntry | null
  readonly commentId: number | null
}

/** The accounts, issues and links of the site, and the index that the search reads. */
export interface JiraState {
  readonly settings: JiraSettings
  now(): number
  readonly users: Map<string, JiraUser>
  /** The members of each organization, by its id. */
  readonly members: Map<number, readonly string[]>
  readonly links: Map<number, JiraLink>
  size(): number
  all(): readonly JiraIssue[]
  /** By id, key, or a key of an earlier project. Keys are not case-sensitive. */
  find(idOrKey: string): JiraIssue | undefined
  linksOf(issueId: number): readonly JiraLink[]
  /** The issues as the search sees them now. `reconcile`: ids that are read without the lag. */
  indexed(reconcile?: ReadonlySet<number>): readonly JiraIssue[]
  /** A new issue with the next id and the next key of its project. */
  add(issue: Omit<JiraIssue, 'id' | 'key'>): JiraIssue
  /** Changes an issue. `items` become one entry of its history; without items it has none. */
  change(id: number, changes: Partial<JiraIssue>, by: ChangeBy): JiraIssue
  /** Removes it without a webhook when `silently`. */
  remove(id: number, userId: string, silently?: boolean): void
  /** The next key of a project, as a new issue or a moved one gets it. */
  nextKey(projectId: number): string
  /** The next id of a comment, attachment, link or history entry. They share one sequence. */
  nextId(): number
  /** Receives every change after the seed. */
  onChange(listener: (change: JiraChange) => void): void
}

export interface ChangeBy {
  readonly userId: string
  readonly items?: readonly HistoryItem[]
  /** Absent: a change of fields. */
  readonly comment?: { readonly kind: 'comment_created' | 'comment_updated' | 'comment_deleted'; readonly id: number }
  /** Absent: now. */
  readonly at?: number
}

/** One state of an issue, null when it was deleted, since a time. */
interface Version {
  readonly at: number
  readonly issue: JiraIssue | null
}

/** An empty site with its people. */
export function createJiraState(settings: JiraSettings, now: () => number): JiraState {
  const issues = new Map<number, JiraIssue>()
  const byKey = new Map<string, number>()
  const versions = new Map<number, readonly Version[]>()
  const listeners: ((change: JiraChange) => void)[] = []
  const users = new Map([serviceAccount, ...agents, ...developers, automation].map((user) => [user.accountId, user]))
  const links = new Map<number, JiraLink>()
  const lastKeys = new Map<number, number>()
  let lastIssue = 10_000
  let lastId = 20_000

  const isVisible = ({ at }: Version, time: number) => at + settings.searchLagMs <= time
  const keep = (id: number, issue: JiraIssue | null, at: number) => {
    const all = [...(versions.get(id) ?? []), { at, issue }]
    const newestVisible = all.findLastIndex((version) => isVisible(version, now()))
    versions.set(id, all.slice(Math.max(0, newestVisible)))
  }
  const put = (issue: JiraIssue, at: number) => {
    issues.set(issue.id, issue)
    for (const key of [issue.key, ...issue.oldKeys]) byKey.set(key, issue.id)
    keep(issue.id, issue, at)
    return issue
  }
  const announce = (change: JiraChange) => {
    for (const listener of listeners) listener(change)
  }
  const nextKey = (projectId: number) => {
    const number = (lastKeys.get(projectId) ?? 0) + 1
    lastKeys.set(projectId, number)
    return `${projects.find(({ id }) => id === projectId)?.key}-${number}`
  }
  const nextId = () => {
    lastId += 1
    return lastId
  }
  return {
    ...{ settings, now, users, members: new Map(), links, nextKey, nextId },
    size: () => issues.size,
    all: () => [...issues.values()],
    find: (idOrKey) => issues.get(byKey.get(idOrKey.toUpperCase()) ?? Number(idOrKey)),
    linksOf: (issueId) => [...links.values()].filter(({ inwardId, outwardId }) => inwardId === issueId || outwardId === issueId),
    indexed(reconcile) {
      const time = now()
      return [...versions].flatMap(([id, all]) => {
        const version = reconcile?.has(id) ? all.at(-1) : all.findLast((one) => isVisible(one, time))
        return version?.issue ? [version.issue] : []
      })
    },
    add(issue) {
      lastIssue += 1
      const added = put({ ...issue, id: lastIssue, key: nextKey(issue.projectId) }, issue.updated)
      announce({ kind: 'created', issue: added, userId: issue.creatorId, at: issue.created, entry: null, commentId: null })
      return added
    },
    change(id, changes, { userId, items = [], comment, at = now() }) {
      const issue = issues.get(id) as JiraIssue
      const entry: HistoryEntry | null = items.length > 0 ? { id: nextId(), authorId: userId, created: at, items } : null
      const history = entry ? [...issue.history, entry] : issue.history
      const changed = put({ ...issue, ...changes, history, updated: Math.max(at, issue.updated) }, at)
      announce({ kind: comment?.kind ?? 'updated', issue: changed, userId, at, entry, commentId: comment?.id ?? null })
      return changed
    },
    remove(id, userId, silently = false) {
      const issue = issues.get(id)
      if (!issue) return
      issues.delete(id)
      for (const key of [issue.key, ...issue.oldKeys]) byKey.delete(key)
      keep(id, null, now())
      for (const link of links.values()) if (link.inwardId === id || link.outwardId === id) links.delete(link.id)
      if (!silently) announce({ kind: 'deleted', issue, userId, at: now(), entry: null, commentId: null })
    },
    onChange: (listener) => void listeners.push(listener),
  }
}
