import { randomUUID } from 'node:crypto'
import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import { anonymous } from '../../domain/permissions.ts'
import type { Logger } from '../../domain/telemetry.ts'
import { toList, toNumber, toRecord } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { lookUp, lookUpIfAny } from '../installation-tables.ts'
import type { AccountWarning } from '../source.ts'
import { type JiraSite, type JiraUser, toDesk, toField, toName, toStatus, toUser } from './decode.ts'
import type { Jira } from './index.ts'

// The lists of a site that change rarely: its service desks, fields, statuses, priorities and resolutions.

/** What every list and ticket needs. */
export async function readSite(jira: Jira, call: Call): Promise<JiraSite> {
  const [desks, fields] = await Promise.all([readDesks(jira, call), readFields(jira, call)])
  return { desks, fields }
}

/** The service desks of the configured projects. */
export async function readDesks(jira: Jira, call: Call) {
  const { projects } = jira.config
  const all = await jira.tables.read('desks', call, (to) => readAll(jira, '/rest/servicedeskapi/servicedesk', toDesk, to))
  return projects.length === 0 ? all : all.filter(({ projectKey }) => projects.includes(projectKey))
}

export function readFields(jira: Jira, call: Call) {
  return jira.tables.read('fields', call, (to) => lookUp(jira, '/rest/api/3/field', (body) => toList(body, toField), to))
}

export function readStatuses(jira: Jira, call: Call) {
  return jira.tables.read('statuses', call, (to) => lookUp(jira, '/rest/api/3/status', (body) => toList(body, toStatus), to))
}

export function readPriorities(jira: Jira, call: Call) {
  return jira.tables.read('priorities', call, (to) => readAll(jira, '/rest/api/3/priority/search', toName, to))
}

export function readResolutions(jira: Jira, call: Call) {
  return jira.tables.read('resolutions', call, (to) => readAll(jira, '/rest/api/3/resolution/search', toName, to))
}

/** The user with this account id; null: there is none, or the account may not see people. */
export function readUser(jira: Jira, accountId: string, call: Call): Promise<JiraUser | null> {
  const path = `/rest/api/3/user/bulk?accountId=${encodeUrlPart(accountId)}`
  const decode = (body: unknown) => toList(toRecord(body)?.values, toUser)
  const load = (to: Call) => lookUp(jira, path, decode, to)
  return jira.tables.read(`user ${accountId}`, call, load).then((users) => users.find(({ id }) => id === accountId) ?? null)
}

/** A list that never ends would be read for ever. */
const maxPages = 50

/** All pages of a list of P (`startAt`, `maxResults`) or S (`start`, `limit`). Throws where there is none or the account may not see it. */
async function readAll<T>(jira: Jira, path: string, decode: (value: unknown) => T | null, call: Call): Promise<readonly T[]> {
  const all = await readAllIfAny(jira, path, decode, call)
  if (all === null) throw readRefused(jira.info, 403)
  return all
}

/** The same; null where there is none or the account may not see it. */
export async function readAllIfAny<T>(
  jira: Jira,
  path: string,
  decode: (value: unknown) => T | null,
  call: Call,
): Promise<readonly T[] | null> {
  const isDesk = path.startsWith('/rest/servicedeskapi/')
  const toPage = (body: unknown) => {
    const record = toRecord(body)
    const values = toList(record?.values ?? record?.comments, (value) => [decode(value)])?.flat()
    return record && values
      ? { values, isLast: record.isLastPage ?? record.isLast ?? false, total: toNumber(record.total) }
      : null
  }
  const all: T[] = []
  let start = 0
  for (let page = 0; page < maxPages; page++) {
    const query = isDesk ? `start=${start}&limit=50` : `startAt=${start}&maxResults=50`
    const read = await lookUpIfAny(jira, `${path}${path.includes('?') ? '&' : '?'}${query}`, toPage, call)
    if (read === null) return page === 0 ? null : all
    all.push(...read.values.filter((value) => value !== null))
    start += read.values.length
    if (read.values.length === 0 || read.isLast === true || start === read.total) break
  }
  return all
}

/** Asks who the account is. Of credentials that do not work it says what to do; rejects where the site does not answer. */
export async function checkAccount({ info, config, upstream }: Jira): Promise<readonly AccountWarning[]> {
  const call: Call = { viewer: anonymous, signal: AbortSignal.timeout(config.timeoutMs), requestId: randomUUID() }
  const toResult = ({ status }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    return []
  }
  return upstream.read({ operation: 'account', path: '/rest/api/3/myself', toResult }, call).catch((error: unknown) => {
    if (error instanceof DeskgraphError && error.code === 'UPSTREAM_AUTH_FAILED') return [toWarning(config)]
    throw error
  })
}

/** The same at the start, for the log. A gateway that cannot use one source starts all the same. */
export function logAccount(jira: Jira, logger: Logger): void {
  const { key: source, label } = jira.info
  const log = (warnings: readonly AccountWarning[]) => {
    for (const { found, action } of warnings)
      logger.error({ source, code: 'UPSTREAM_AUTH_FAILED' }, `${label}: ${found} ${action}`)
  }
  checkAccount(jira).then(log, (error: unknown) => {
    const code = error instanceof DeskgraphError ? error.code : 'INTERNAL'
    logger.warn({ source, code }, `${label} does not answer now`)
  })
}

/** A token with scopes is refused at the address of the site (JIRA-11). */
function toWarning({ url, email }: Jira['config']): AccountWarning {
  const found = 'The credentials were refused (401).'
  if (/^https:\/\/api\.atlassian\.com\/ex\/jira\//.test(url))
    return {
      found,
      action:
        'Check that they have not ended, that they have the scopes of docs/sources/jira.md, and that `url` has the cloud id of their site.',
    }
  const scoped =
    'A token with scopes works only at https://api.atlassian.com/ex/jira/CLOUD-ID: set `url` to it, and `siteUrl` to the site. The path /_edge/tenant_info of the site tells its cloud id.'
  const basic =
    email === undefined
      ? 'A classic API token needs `email` too.'
      : 'Check that `email` is that of its account, and that it has not ended.'
  return { found, action: `${basic} ${scoped}` }
}
