import { randomUUID } from 'node:crypto'
import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { anonymous } from '../../domain/permissions.ts'
import { toRecord } from '../decode.ts'
import type { Answer, HttpClient } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import type { AccountWarning, SourceHealth, SourceInfo } from '../source.ts'
import { toUser, type ZendeskUser } from './decode.ts'

/** The account that the gateway acts with. */
export interface Account {
  /**
   * Asks once whose credentials these are. Rejects with UPSTREAM_AUTH_FAILED where Zendesk takes them for no user's: it then answers other
   * calls as to a visitor, and a ticket would look as if there were none.
   */
  check(): Promise<ZendeskUser>
  /** What limits it. Rejects as `check` does. */
  warnings(): Promise<readonly AccountWarning[]>
  /** DOWN while the credentials are no user's. */
  health(): SourceHealth
}

interface AccountDeps {
  readonly info: SourceInfo
  readonly upstream: HttpClient
  /** What needs an administrator. */
  readonly needsAdmin: string
  readonly usesApiToken: boolean
}

export function createAccount({ info, upstream, needsAdmin, usesApiToken }: AccountDeps): Account {
  let known: Promise<ZendeskUser> | null = null
  let isNobody = false

  async function ask(): Promise<ZendeskUser> {
    // Not as the viewer: these are the credentials of the gateway.
    const call: Call = { viewer: anonymous, requestId: randomUUID(), signal: new AbortController().signal }
    const toResult = ({ status, body }: Answer) => {
      if (status >= 400) throw readRefused(info, status)
      return toUser(toRecord(body)?.user)
    }
    const user = await upstream.read({ operation: 'account', path: '/api/v2/users/me', toResult }, call)
    isNobody = user === null
    if (user) return user
    const message = `${info.label} takes the gateway's credentials for those of no user.`
    throw new DeskgraphError('UPSTREAM_AUTH_FAILED', message, { source: info.key })
  }

  function check(): Promise<ZendeskUser> {
    known ??= ask().catch((error) => {
      known = null
      throw error
    })
    return known
  }

  return {
    check,
    async warnings() {
      const { role, restriction } = await check()
      return [
        ...(usesApiToken ? [apiTokenEnds] : []),
        ...(role === 'admin' ? [] : [toNoAdmin(needsAdmin)]),
        ...(restriction === null ? [] : [restricted]),
      ]
    },
    health: () => ({ ...upstream.health(), ...(isNobody && { state: 'DOWN', lastError: 'UPSTREAM_AUTH_FAILED' }) }),
  }
}

const apiTokenEnds: AccountWarning = {
  found: 'It signs in with an API token. Zendesk ends unused ones after 30 days, and all of them on 2027-04-30.',
  action: 'Make an OAuth client in the Admin Center, and sign in with it (docs/sources/zendesk.md).',
}
const restricted: AccountWarning = {
  found: 'Its account sees a part of the tickets only. Lists leave out the others without a word.',
  action: 'Let the account see all tickets, or know that the others are not here.',
}
function toNoAdmin(what: string): AccountWarning {
  return { found: `Its account is no administrator, as ${what} needs it.`, action: 'Make the account an administrator.' }
}
