import { onTestFinished } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createHttpClient } from '../../../src/sources/http-client/http-client.ts'
import type { Answer, HttpClient, HttpClientOptions, WriteAnswer } from '../../../src/sources/http-client/types.ts'
import { someCall } from '../../support/call.ts'

/** Creates a client for one vendor, closed with the test. */
export function clientFor(baseUrl: string, changes: Partial<HttpClientOptions> & { metrics?: Metrics } = {}): HttpClient {
  const client = createHttpClient({
    sourceKey: 'acme',
    label: 'Acme',
    baseUrl,
    timeoutMs: 2000,
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
    ...changes,
  })
  onTestFinished(() => client.close())
  return client
}

export function read(client: HttpClient, path = '/thing', call: Call = someCall()): Promise<Answer> {
  return client.read({ operation: 'thing', path, toResult: (answer) => answer }, call)
}

export function write(client: HttpClient, call: Call = someCall()): Promise<WriteAnswer> {
  return client.write({ operation: 'change', method: 'POST', path: '/thing', body: { say: 'hello' } }, call)
}

/** Returns the error of a promise. Fails the test unless the promise rejects with a DeskgraphError. */
export async function errorOf(promise: Promise<unknown>): Promise<DeskgraphError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
  if (outcome instanceof DeskgraphError) return outcome
  throw new Error(`expected a DeskgraphError, got: ${String(outcome)}`)
}
