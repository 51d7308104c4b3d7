import type { IncomingHttpHeaders } from 'node:http'
import { MIMEType } from 'node:util'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { DeskgraphError } from '../domain/errors.ts'

export const json = 'application/json; charset=utf-8'
export const graphqlResponse = 'application/graphql-response+json; charset=utf-8'
export const eventStream = 'text/event-stream; charset=utf-8'
export const html = 'text/html; charset=utf-8'

/** How a client wants to be answered. */
export interface Accepted {
  /** The content type of a response that is JSON. Where the client accepts none of ours, it is plain JSON. */
  readonly json: string
  /** Which operations are answered with an event stream. A client that accepts JSON too gets only its subscriptions as streams. */
  readonly eventStreamFor: 'all' | 'subscriptions' | 'none'
  /** True for a page load of a browser: HTML is what the client prefers most. */
  readonly prefersHtml: boolean
}

/** Clients send few different headers. Reading one takes longer than the rest of a short response. */
const known = new LRUCache<string, Accepted>({ max: 100 })

/** Reads `Accept` with its q-values, wildcards and parameters (RFC 9110 §12.5.1). The one place where a media type is chosen. */
export function readAccept(accept = '*/*'): Accepted {
  const before = known.get(accept)
  if (before) return before
  const accepted = negotiate(accept)
  known.set(accept, accepted)
  return accepted
}

function negotiate(accept: string): Accepted {
  const negotiator = new Negotiator({ headers: { accept } })
  const [preferredJson] = negotiator.mediaTypes([json, graphqlResponse])
  // A wildcard stands for JSON: its sender does not expect a stream.
  const namesStream = negotiator.mediaTypes().some((type) => type.toLowerCase() === 'text/event-stream')
  return {
    json: preferredJson ?? json,
    eventStreamFor: !namesStream ? 'none' : preferredJson ? 'subscriptions' : 'all',
    prefersHtml: negotiator.mediaTypes([json, graphqlResponse, eventStream, html])[0] === html,
  }
}

/**
 * Refuses a body that is not of the given types in UTF-8, and a compressed one: a small compressed body can hold gigabytes. Type and
 * charset count, in any case and quoted or not; other parameters do not (RFC 9110 §8.3). `send` says what to send instead.
 */
export function checkBodyType(
  { 'content-type': type = '', 'content-encoding': encoding = '' }: IncomingHttpHeaders,
  accepted: RegExp,
  send: string,
): void {
  if (isInUtf8(type, accepted) && /^(?:identity)?$/i.test(encoding.trim())) return
  throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', `Send ${send} in UTF-8, uncompressed, with its content type.`)
}

function isInUtf8(contentType: string, accepted: RegExp): boolean {
  try {
    const { essence, params } = new MIMEType(contentType)
    return accepted.test(essence) && /^utf-?8$/i.test(params.get('charset') ?? 'utf-8')
  } catch {
    return false
  }
}
