import { onTestFinished } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createHttpClient } from '../../../src/sources/http-client/http-client.ts'
import type { UpstreamOptions } from '../../../src/sources/http-client/options.ts'
import type { Answer, HttpClient, WriteAnswer } from '../../../src/sources/http-client/types.ts'
import { someCall } from '../../support/call.ts'

/** A client for one vendor, closed with the test. */
export function upstreamFor(baseUrl: string, changes: Partial<UpstreamOptions> & { metrics?: Metrics } = {}): HttpClient {
  const upstream = createHttpClient({
    sourceKey: 'acme',
    label: 'Acme',
    baseUrl,
    timeoutMs: 2000,
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
    ...changes,
  })
  onTestFinished(() => upstream.close())
  return upstream
}

export function read(upstream: HttpClient, path = '/thing', call: Call = someCall()): Promise<Answer> {
  return upstream.read({ operation: 'thing', path, toResult: (answer) => answer }, call)
}

export function write(upstream: HttpClient, call: Call = someCall()): Promise<WriteAnswer> {
  return upstream.write({ operation: 'change', method: 'POST', path: '/thing', body: { say: 'hello' } }, call)
}

/** The error that a promise ends with; fails the test when it ends well, or with anything but a DeskgraphError. */
export async function errorOf(promise: Promise<unknown>): Promise<DeskgraphError> {
  const ending = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
  if (ending instanceof DeskgraphError) return ending
  throw new Error(`expected a DeskgraphError, got: ${String(ending)}`)
}
