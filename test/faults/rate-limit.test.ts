import { expect } from 'vitest'
import { startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

const json = { 'content-type': 'application/json' }

guarantee(
  'CLIENT-19',
  { fault: 'a client sends 30 requests where 10 at once are allowed', expected: '429 with Retry-After, the first 10 served' },
  async () => {
    const strict = await startFaultyGateway({
      config: (config) => ({ ...config, limits: { ...config.limits, rate: { perSecond: 1, burst: 10 } } }),
    })
    try {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () =>
          fetch(`${strict.url}/graphql`, {
            method: 'POST',
            headers: json,
            body: JSON.stringify({ query: '{ sources { key } }' }),
          }),
        ),
      )
      const refused = answers.filter(({ status }) => status === 429)
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
      expect(refused).toHaveLength(20)
      for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await refused[0]?.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', retryable: true } }] })
      expect((await fetch(`${strict.url}/health/live`)).status).toBe(200)
      return '10 served, 20 refused with Retry-After'
    } finally {
      await strict.close()
    }
  },
)
