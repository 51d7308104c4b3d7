import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startRedmine } from './redmine/redmine-server.ts'
import { type RedmineLogin, redmineRest } from './redmine/rest.ts'
import { startRt } from './rt/rt-server.ts'
import { rtRest } from './rt/rt-source.ts'
import { deletedId, mergedId, type RtLogin } from './rt/seed.ts'

// Records answers of the seeded desks for the unit tests: node test/real/record.ts redmine, or rt.

const desks: Readonly<Record<string, () => Promise<void>>> = { redmine: recordRedmine, rt: recordRt }
for (const name of process.argv.slice(2)) await desks[name]?.()

type Recordings = readonly (readonly [name: string, body: unknown])[]

/** Writes each answer to a file of its own, with the server at this address. */
function write(system: string, recordings: Recordings, url: string): void {
  const folder = join(import.meta.dirname, '..', 'sources', system, 'recordings')
  mkdirSync(folder, { recursive: true })
  for (const [name, body] of recordings) {
    const text = JSON.stringify(body, toStable, 2)
    writeFileSync(join(folder, `${name}.json`), `${text.replaceAll(url, `http://${system}.example`)}\n`)
  }
}

async function recordRedmine(): Promise<void> {
  const details = 'include=journals,attachments,relations,watchers,children,allowed_statuses'
  const paths: readonly (readonly [string, RedmineLogin, string])[] = [
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
    const recordings: [string, unknown][] = []
    for (const [name, login, path] of paths) {
      recordings.push([name, await redmineRest(server.url, login)('GET', path)])
    }
    write('redmine', recordings, server.url)
  } finally {
    await server.close()
  }
}

async function recordRt(): Promise<void> {
  const user = 'Name,RealName,EmailAddress'
  const subfields = `fields[Queue]=Name&fields[Owner]=${user}&fields[Requestor]=${user}&fields[Cc]=${user}&fields[AdminCc]=${user}`
  const columns = 'Subject,Status,Type,Queue,Priority,Owner,Requestor,Created,LastUpdated,Resolved,Due,CustomFields'
  const order = 'orderby=LastUpdated&order=DESC&orderby=id&order=DESC'
  const types = ['Create', 'Correspond', 'Comment'].map((value) => ({ field: 'Type', value, entry_aggregator: 'OR' }))
  const history = `history?query=${encodeURIComponent(JSON.stringify(types))}&orderby=id&fields=Type,Creator,Created,ObjectId&fields[Creator]=${user}`
  const partFields = 'orderby=id&fields=TransactionId,Filename,ContentType,ContentLength'
  const paths: readonly (readonly [string, RtLogin, string])[] = [
    ['list-first-3', 'ann', `/tickets?query=id>0&${order}&per_page=3&fields=${columns}&${subfields}`],
    ['list-unknown-order', 'ann', '/tickets?query=id>0&orderby=Bogus'],
    ['search-10', 'ann', `/tickets?query=id=10&per_page=100&fields=${columns},Cc,AdminCc,_hyperlinks&${subfields}`],
    ['search-nothing', 'ann', `/tickets?query=id=${mergedId}&per_page=100`],
    ['ticket-merged', 'ann', `/ticket/${mergedId}?fields[Queue]=Name&fields[Owner]=${user}`],
    ['ticket-deleted', 'ann', `/ticket/${deletedId}?fields[Queue]=Name&fields[Owner]=${user}`],
    ['history-10', 'ann', `/ticket/10/${history}`],
    ['history-10-without-comments', 'rita', `/ticket/10/${history}`],
    ['attachments-10', 'ann', `/ticket/10/attachments?per_page=100&${partFields}`],
    ['contents-10', 'ann', '/ticket/10/attachments?per_page=100&fields=TransactionId,Content'],
    ['account-in-tokyo', 'tina', '/user/tina?'],
    ['queues', 'ann', '/queues/all?fields=Name'],
  ]
  const server = await startRt()
  try {
    const recordings: [string, unknown][] = []
    for (const [name, login, path] of paths) recordings.push([name, await rtRest(server, login)('GET', path)])
    write('rt', recordings, server.url)
  } finally {
    await server.close()
  }
}

/** Without the account's key, and without the times at which users and projects were set up. */
function toStable(this: Record<string, unknown>, key: string, value: unknown): unknown {
  if (key === 'api_key') return undefined
  const isIssuePart = 'filename' in this || 'notes' in this || 'subject' in this
  const isSetUp =
    /^(created_on|updated_on|passwd_changed_on)$/.test(key) || (/^(Created|LastUpdated)$/.test(key) && 'Timezone' in this)
  return isSetUp && !isIssuePart ? '2026-01-01T00:00:00Z' : value
}
