import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  const counts = { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 }
  gateway = await startGatewayUnderTest({ sandbox: { counts }, replayHistory: false })
}, 60_000)
afterAll(() => gateway.close())

/** The count of this series, from the text of `/metrics`. */
async function countOf(route: string, status: number, code: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  const series = `deskgraph_http_requests_total{route="${route}",status="${status}",code="${code}"} `
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(series))
      ?.slice(series.length) ?? 0,
  )
}

test('OPS-09: every request is counted by route, status and code, and so is every refusal', async () => {
  await gateway.ask('{ __typename }')
  const json = { 'content-type': 'application/json' }
  const send = (path: string, headers: Record<string, string>, method = 'POST') =>
    fetch(gateway.url + path, { method, headers, ...(method === 'GET' ? {} : { body: '{}' }) }).then((answer) => answer.text())
  await send('/webhooks/vcc', json)
  await send('/webhooks/unknown', json)
  await send('/graphql?access_token=x', json)
  await send('/graphql', { 'content-type': 'text/plain' })
  await send('/somewhere/42', json)
  await expect.poll(() => countOf('/graphql', 200, 'OK')).toBe(1)
  const refusals = [
    ['/webhooks', 401, 'UNAUTHENTICATED'],
    ['/webhooks', 404, 'BAD_REQUEST'],
    ['/graphql', 401, 'UNAUTHENTICATED'],
    ['/graphql', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['other', 404, 'BAD_REQUEST'],
  ] as const
  for (const [route, status, code] of refusals) {
    await expect.poll(async () => [route, status, code, await countOf(route, status, code)]).toEqual([route, status, code, 1])
  }
})
