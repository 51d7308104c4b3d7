import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startRedmine } from './redmine/redmine-server.ts'
import { type RedmineLogin, redmineRest } from './redmine/rest.ts'

// Records answers of the seeded Redmine for the unit tests: node test/real/record.ts

const folder = join(import.meta.dirname, '..', 'sources', 'redmine', 'recordings')
const details = 'include=journals,attachments,relations,watchers,children,allowed_statuses'
const recordings: readonly (readonly [string, RedmineLogin, string])[] = [
  ['list-first-3', 'ann', '/issues.json?status_id=*&sort=updated_on:desc,id:desc&limit=3&offset=0'],
  ['issue-1', 'ann', `/issues/1.json?${details}`],
  ['issue-20', 'ann', `/issues/20.json?${details}`],
  ['issue-20-without-private-notes', 'rita', `/issues/20.json?${details}`],
  ['issue-statuses', 'ann', '/issue_statuses.json'],
  ['issue-priorities', 'ann', '/enumerations/issue_priorities.json'],
  ['projects', 'ann', '/projects.json?limit=100'],
  ['current-user', 'ann', '/users/current.json?include=memberships'],
  ['role-manager', 'ann', '/roles/3.json'],
  ['memberships', 'ann', '/projects/1/memberships.json?limit=100'],
]

const server = await startRedmine()
try {
  mkdirSync(folder, { recursive: true })
  for (const [name, login, path] of recordings) {
    const text = JSON.stringify(await redmineRest(server.url, login)('GET', path), toStable, 2)
    writeFileSync(join(folder, `${name}.json`), `${text.replaceAll(server.url, 'http://redmine.example')}\n`)
  }
} finally {
  await server.close()
}

/** Without the account's key, and without the times at which users and projects were set up. */
function toStable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  if (key === 'api_key') return undefined
  const isIssuePart = 'filename' in this || 'notes' in this || 'subject' in this
  return /^(created_on|updated_on|passwd_changed_on)$/.test(key) && !isIssuePart ? '2026-01-01T00:00:00Z' : value
}
