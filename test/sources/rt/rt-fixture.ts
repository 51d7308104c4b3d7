import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { createRtSource } from '../../../src/sources/rt/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { json, startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'

export interface RtRows {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly count: number
  readonly total: number | null
}

/** An answer of a real RT 5.0.3, as `test/real/record.ts` wrote it. */
export function readRecording<T = RtRows>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'recordings', `${name}.json`), 'utf8')) as T
}

export function rtAt(url: string, changes: Record<string, unknown> = {}, metrics: Metrics = noMetrics): TicketSource {
  const config = rtConfig.parse({
    url,
    token: '1-27-abc',
    dialect: { channelField: 'Channel', tagsField: 'Tags' },
    ...changes,
  })
  const source = createRtSource(config, {
    key: 'rt',
    loginOf: ({ id }) => id,
    metrics,
    logger: noLogger,
    clock: () => Date.parse('2026-04-01T00:00:00.000Z'),
  })
  onTestFinished(() => source.close?.())
  return source
}

export function rtRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'rt', tenant: '', externalId }
}

type Answers = Readonly<Record<string, unknown>>

/** An RT with recorded answers. `answers` replaces some of them, by their names. */
export function startRecordedRt(
  answers: Answers = {},
  handle?: (call: VendorCall, res: ServerResponse) => boolean,
): Promise<Vendor> {
  return startVendor((call, res) => {
    if (handle?.(call, res)) return
    const name = nameOf(decodeURIComponent(call.path))
    const body = Object.hasOwn(answers, name) ? answers[name] : readRecording(name)
    if (typeof body === 'number') res.writeHead(body, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}')
    else json(res, body)
  })
}

/** The recording that answers a request. */
function nameOf(path: string): string {
  if (path.includes('/user/')) return 'account-in-tokyo'
  if (path.includes('/queues/all')) return path.includes('&page=1') ? 'queues' : 'search-nothing'
  if (path.includes('/history?')) return 'history-10'
  if (path.includes('/attachments?')) return path.includes('Content&') ? 'contents-10' : 'attachments-10'
  if (path.includes('/ticket/')) return 'ticket-merged'
  return path.includes('_hyperlinks') ? 'search-10' : 'list-first-3'
}
