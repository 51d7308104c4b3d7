import { expect, onTestFinished, test } from 'vitest'
import { vccAdd } from '../../fixtures/vcc/samples.ts'
import { startGatewayUnderTest } from '../../support/gateway.ts'

test('INPUT-13: the gateway accepts such a secret over HTTP, escaped and not, and refuses another', async () => {
  const secret = 'k+3/Zs9=Qw7+aB1x'
  const gateway = await startGatewayUnderTest({
    replayHistory: false,
    config: (config) => ({ ...config, sources: { ...config.sources, vcc: { ...config.sources.vcc, secret } as never } }),
  })
  onTestFinished(() => gateway.close())
  const send = async (query: string) => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(`${gateway.url}/webhooks/vcc?secret-key=${query}`, { method: 'POST', headers, body: vccAdd })).status
  }
  expect(await send('k+3/Zs9=Qw7+aB1x')).toBe(200)
  expect(await send(encodeURIComponent(secret))).toBe(200)
  expect(await send('k%2B3/Zs9=Qw7+aB1x')).toBe(200)
  expect(await send('k-3/Zs9=Qw7+aB1x')).toBe(401)
})
