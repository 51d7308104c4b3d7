import type { Clock } from '../../domain/clock.ts'
import { toId, toRecord, toText } from '../decode.ts'
import type { HintHandler } from '../hint-handler.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import { EventProblem } from '../webhook-handler.ts'
import { hasHubSignature, hasSignedToken } from '../webhook-signature.ts'
import { isIssueId } from './decode.ts'

interface HintDeps {
  /** Of the webhooks that an administrator made. */
  readonly secrets: readonly string[]
  /** Of the app whose webhooks carry a token. */
  readonly clientSecrets: readonly string[]
  readonly clock: Clock
}

/**
 * The webhooks of a site: those of an administrator are signed, and those of an app carry a token. They may be late, repeated and out of order; the
 * identifier of a delivery is the same in each of its retries.
 */
export function createHintHandler(source: SourceInfo, { secrets, clientSecrets, clock }: HintDeps): HintHandler {
  return {
    source,
    authorise: (request) =>
      hasHubSignature(request, { methods: ['sha256'] }, secrets) || hasSignedToken(request, clientSecrets, clock()),
    read({ rawBody, headers }) {
      const body = toRecord(parseEventJson(decodeUtf8(rawBody)))
      if (body === null) throw new EventProblem('the body is no JSON object')
      const event = toText(body.webhookEvent) ?? ''
      const link = toRecord(body.issueLink)
      const named = [toRecord(body.issue)?.id, link?.sourceIssueId, link?.destinationIssueId]
      const ticketIds = named.flatMap((value) => toId(value) ?? []).filter(isIssueId)
      const isOfIssue = /^(?:jira:issue_|comment_|issuelink_)/.test(event)
      if (isOfIssue && ticketIds.length === 0) throw new EventProblem('the body names no issue: `issue.id`')
      const deliveryId = toText(headers['x-atlassian-webhook-identifier'])
      return { deliveryId, ticketIds: isOfIssue ? ticketIds : [], removed: event === 'jira:issue_deleted' }
    },
  }
}
