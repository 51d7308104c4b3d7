import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { sendRaw } from '../http/plugins/raw-http.ts'
import { canary, linesWithCanaries } from '../support/canaries.ts'
import { bytes, reset, rewrite, rewriteText, status } from '../support/fault-proxy.ts'
import { subscribeOverSocket } from '../support/live.ts'
import { guarantee } from './guarantee.ts'
import { metricsToken, type ProductionGateway, startProduction } from './production-gateway.ts'

let production: ProductionGateway
beforeAll(async () => {
  production = await startProduction()
})
afterAll(() => production.close())

const json = { 'content-type': 'application/json' }

/** Every error body that a client received. */
const errorBodies: string[] = []
/** The data of every answer, where customers' data is allowed. */
const inside: string[] = []
async function provoke(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<void> {
  const { errors, data } = await production.ask(query, variables, headers)
  errorBodies.push(JSON.stringify(errors ?? []))
  inside.push(JSON.stringify(data ?? {}))
  // The messages of a payload count as an error body.
  errorBodies.push(JSON.stringify(data ?? {}, (key, value) => (['raw', 'customer', 'nodes'].includes(key) ? undefined : value)))
}
async function push(source: string, body: string, headers: Record<string, string> = {}, query = ''): Promise<void> {
  const response = await fetch(`${production.process.url}/webhooks/${source}${query}`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body,
  })
  errorBodies.push(await response.text())
}

guarantee(
  'INPUT-08',
  {
    fault: 'canaries in tokens, headers, inputs, upstream answers, webhooks and partner replies, LOG_LEVEL=debug',
    expected: 'none in logs, audit log, metrics or error bodies',
  },
  async () => {
    const whole = 'query ($id: ID!) { ticket(id: $id) { id status queue raw customer { name email phone } } }'
    const list =
      '{ tickets(first: 5, filter: { sources: ["oneview"] }) { nodes { id raw customer { email } } sources { error } } }'
    const close =
      'mutation ($id: ID!) { closeTicket(input: { id: $id, statusReason: "' +
      canary.text +
      '", idempotencyKey: "' +
      canary.id +
      '" }) { outcome userErrors { message } } }'
    const id = encodeId('ticket', 'oneview', '', 'vsba-nhas')

    for (const fault of [
      ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((code) =>
        status(
          code,
          { 'retry-after': canary.header, location: `http://${canary.place}/`, 'x-said': canary.header },
          JSON.stringify({ errors: [{ title: canary.upstreamBody }], email: canary.email }),
        ),
      ),
      status(302, { location: `http://${canary.place}/tickets?token=${canary.upstreamToken}` }),
      bytes(`<html>${canary.upstreamBody} ${canary.email}`),
      bytes(`{"id":"${canary.id}","email":"${canary.email}`),
      reset('before'),
      reset('body'),
      rewriteText((text) => text.replace('{', `{"${canary.text}":"${canary.email}",`)),
      rewrite((answer) => ({
        ...answer,
        id: canary.id,
        list: [{ id: canary.id, status: canary.text, customer: { email: canary.email, name: canary.person } }],
      })),
      rewrite((answer) => ({
        ...answer,
        status: canary.text,
        channel: canary.text,
        customer: { id: canary.id, name: canary.person, email: canary.email, phone: canary.phone },
      })),
    ]) {
      production.proxy.fault(fault)
      await provoke(whole, { id })
      await provoke(list)
      await provoke(close, { id })
      production.proxy.reset()
      await provoke(list)
    }

    await provoke(
      whole,
      { id },
      {
        'x-forwarded-for': canary.header,
        cookie: canary.header,
        'x-agent-user-id': canary.email,
        'user-agent': canary.header,
        referer: `https://x/?q=${canary.text}`,
      },
    )
    await provoke(`{ tickets(filter: { createdAfter: "${canary.text}" }) { nodes { id } } }`)
    await provoke(`{ ticket(id: "${canary.id}") { id } }`)
    await provoke(`{ tickets "${canary.email}" }`)
    await provoke(`{ tickets(filter: { text: "${canary.text}`)
    await provoke(`{ tickets(first: "${canary.phone}") { nodes { id } } }`)
    await provoke('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', {
      f: { status: [canary.text], customerEmail: canary.email },
    })
    await provoke('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', {
      f: { createdAfter: canary.email, text: canary.phone },
    })
    await provoke('query ($a: String) { tickets(after: $a) { nodes { id } } }', { a: canary.text })
    await provoke('query ($s: String!) { ticketByExternalId(source: "oneview", externalId: $s) { id } }', {
      s: `../${canary.text}`,
    })
    const create = 'mutation ($i: CreateTicketInput!) { createTicket(input: $i) { outcome userErrors { message } } }'
    const customer = { email: canary.email, name: canary.person, phone: canary.phone }
    await provoke(create, { i: { source: 'rbi', category: canary.text, customer, description: canary.text } })
    await provoke(create, { i: { source: 'rbi', category: 'app', customer: { ...customer, email: `${canary.text} no mail` } } })
    await provoke(create, {
      i: { source: 'rbi', category: 'app', subcategory: 'coupon', customer, description: canary.text, title: canary.text },
    })

    await push(
      'vcc',
      JSON.stringify({ action: canary.text, ticket: { ticketId: 1, email: canary.email } }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push(
      'vcc',
      JSON.stringify({ action: 'add', ticket: { ticketId: canary.text, projectId: 1 } }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push('vcc', `{"action": "${canary.email}`, {}, `?secret-key=${canary.webhookSecret}`)
    await push(
      'vcc',
      JSON.stringify({
        action: 'add',
        ticket: { ticketId: 2, projectId: 1, title: canary.text, status: canary.text, cc: canary.email },
      }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push('vcc', '{}', {}, `?secret-key=${canary.webhookSecret}-wrong&more=${canary.text}`)
    await push('rbi', JSON.stringify({ type: canary.text, data: { customer } }), { 'x-signature': canary.header })
    const signed = JSON.stringify({
      type: 'GENERAL',
      data: { id: canary.id, category: 'x', comments: canary.text, createdAt: canary.text, customer },
    })
    await push('rbi', signed, {
      'x-signature': createHmac('sha256', canary.webhookSecret).update(signed).digest('hex'),
      'webhook-id': canary.id,
    })
    await push('vcc', 'x'.repeat(1_100_000), {}, `?secret-key=${canary.webhookSecret}`)

    for (const authorization of [
      `Bearer ${canary.header}`,
      `Basic ${canary.header}`,
      `Bearer eyJhbGciOiJub25lIn0.${canary.header}.x`,
    ]) {
      errorBodies.push(await (await production.call('/graphql', 'POST', { ...json, authorization })).text())
    }
    errorBodies.push(await (await production.call(`/graphql?access_token=${canary.header}`, 'POST')).text())
    errorBodies.push(await (await production.call(`/${canary.text}`, 'GET')).text())
    errorBodies.push(await sendRaw(production.process.url, `GET /${canary.header} HTTP/9.9\r\n${canary.header}\u0000\r\n\r\n`))
    await subscribeOverSocket(
      production.process.url,
      'subscription { ticketChanged { cursor } }',
      {},
      { Authorization: `Bearer ${canary.header}` },
    ).ended
    await vi.waitFor(
      async () => {
        const { data } = await production.ask('{ deliveries(first: 5) { nodes { state lastError } } }')
        errorBodies.push(JSON.stringify(data))
        expect(data.deliveries.nodes).not.toEqual([])
        for (const { state } of data.deliveries.nodes) expect(state).toBe('DEAD')
      },
      { timeout: 30_000, interval: 250 },
    )

    const metrics = await (await production.call('/metrics', 'GET', { authorization: `Bearer ${metricsToken}` })).text()
    const logs = production.process.output()
    const audit = readFileSync(join(production.folder, 'audit.log'), 'utf8')
    expect(logs.split('\n').length).toBeGreaterThan(10)
    expect(metrics).toContain('deskgraph_upstream_calls_total')
    expect(audit).toContain('closeTicket')
    const alsoSecret = [
      production.token,
      production.token.split('.')[2] ?? '',
      new URL(production.proxy.origin).host,
      production.partner.url,
    ]
    expect({
      logs: linesWithCanaries(logs, alsoSecret),
      audit: linesWithCanaries(audit, alsoSecret),
      metrics: linesWithCanaries(metrics, alsoSecret),
      errors: linesWithCanaries(errorBodies.join('\n'), alsoSecret),
    }).toEqual({ logs: [], audit: [], metrics: [], errors: [] })
    return `${logs.split('\n').length} lines of log, ${audit.split('\n').length} of audit, ${metrics.split('\n').length} of metrics, ${errorBodies.length} error bodies: none`
  },
)
