import type { FaultyGateway } from './fault-gateway.ts'

/** The answer to a webhook. */
export interface SentWebhook {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | null
}

/** Posts a webhook to a source. `query` begins with a question mark. */
export async function postWebhook(
  gateway: FaultyGateway,
  source: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
  query = '',
): Promise<SentWebhook> {
  const response = await fetch(`${gateway.url}/webhooks/${source}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })
  return { status: response.status, body: await response.text(), retryAfter: response.headers.get('retry-after') }
}

/** The query with VCC's secret. */
export const vccQuery = '?secret-key=sandbox-vcc-secret'

/** Posts a webhook of VCC with its secret. */
export function toVcc(gateway: FaultyGateway, body: string | Buffer): Promise<SentWebhook> {
  return postWebhook(gateway, 'vcc', body, {}, vccQuery)
}

/** An event of VCC's project 9. */
export function vccEvent(action: string, ticketId: number, fields: object = {}): string {
  return JSON.stringify({
    action,
    ticket: { ticketId, projectId: 9, ticketNo: `9-${ticketId}`, projectName: 'Faults', ...fields },
  })
}

const ticketQuery = `query ($source: String!, $id: String!) {
  ticketByExternalId(source: $source, externalId: $id) {
    title status description tags deletedAt raw
    events { nodes { kind } }
  }
}`

/** A ticket after every acknowledged event is applied; null when there is none. */
export async function ticket(gateway: FaultyGateway, source: string, id: string) {
  await gateway.idle()
  return (await gateway.ask(ticketQuery, { source, id })).ticketByExternalId
}
