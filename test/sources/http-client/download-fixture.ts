import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Call } from '../../../src/domain/call.ts'
import type { HttpClientLimits } from '../../../src/sources/http-client/config.ts'
import type { HttpClient, HttpClientOptions } from '../../../src/sources/http-client/types.ts'
import type { OpenedFile } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { startVendor, type Vendor, type VendorCall } from '../../support/vendor.ts'
import { clientFor } from './test-client.ts'

export interface Downloader {
  readonly vendor: Vendor
  readonly client: HttpClient
  readonly metrics: ReturnType<typeof countingMetrics>
  /** Asks for a file of the source, by default for /files/7. */
  download(call?: Call, path?: string): Promise<OpenedFile | null>
}

/** A vendor below /api, and a client that may follow it to loopback addresses. */
export async function startDownloads(
  answer: (res: ServerResponse, call: VendorCall) => void,
  limits: Partial<HttpClientLimits> = {},
  options: Partial<HttpClientOptions> = {},
): Promise<Downloader> {
  const vendor = await startVendor((call, res) => answer(res, call))
  const metrics = countingMetrics()
  const client = clientFor(`${vendor.url}/api/`, {
    headers: { authorization: 'Bearer secret' },
    limits: { fileNetworks: ['127.0.0.1/32'], ...limits },
    metrics,
    ...options,
  })
  const download = (call = someCall(), path = '/files/7') => client.download({ operation: 'file', path }, call)
  return { vendor, client, metrics, download }
}

/** Answers with a status, headers and a text. */
export function reply(status: number, headers: Record<string, string> = {}, text = '') {
  return (res: ServerResponse) => void res.writeHead(status, headers).end(text)
}

export async function textOf(file: OpenedFile | null): Promise<string> {
  return (await buffer(file!.body as Readable)).toString()
}
