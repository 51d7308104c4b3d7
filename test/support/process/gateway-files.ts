import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The secrets of the sources. */
export const secrets = {
  vcc: 'vcc-secret-of-the-tests',
  wasabi: 'wasabi-token-of-the-tests',
  rbi: 'rbi-secret-of-the-tests',
} as const
export const partnerSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** What a configuration has beyond the default. */
export interface GatewayFilesOptions {
  /** The URL of the one partner, which receives every GENERAL ticket. */
  readonly partnerUrl: string
  /** Further sources of the configuration file. */
  readonly sources?: Readonly<Record<string, object>>
  /** Further blocks of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
}

/** The files of a gateway in a new folder. */
export interface GatewayFiles {
  readonly configFile: string
  /** The directory of the embedded database. */
  readonly dataDir: string
  remove(): void
}

/** Writes a configuration with the three event-fed sources and one partner. */
export function writeGatewayFiles({ partnerUrl, sources = {}, config = {} }: GatewayFilesOptions): GatewayFiles {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-process-'))
  const configFile = join(folder, 'gateway.json')
  writeFileSync(join(folder, 'routing.json'), JSON.stringify(routing(partnerUrl)))
  writeFileSync(
    configFile,
    JSON.stringify({
      sources: {
        vcc: { system: 'vcc', account: 'acme', secret: secrets.vcc },
        wasabi: { system: 'wasabi', token: secrets.wasabi },
        rbi: { system: 'rbi', secret: secrets.rbi, routing: 'routing.json' },
        ...sources,
      },
      // Load shedding is off: a busy test machine would trigger it.
      limits: { overload: { eventLoopLagMs: 60_000 }, rate: { perSecond: 100_000, burst: 1_000_000 } },
      deliveries: { scheduleSeconds: [0, 0.2, 0.5, 1, 1, 1, 2, 2, 5, 5], timeoutMs: 1_000, concurrencyPerPartner: 8 },
      shutdown: { delayMs: 0 },
      observability: { audit: { file: 'audit.log' } },
      ...config,
    }),
  )
  return { configFile, dataDir: join(folder, 'data'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function routing(url: string): object {
  const subCategories = [{ key: 'app', issueId: 'KF-7', submitToExternalPartners: true }]
  return {
    allowPrivateNetworks: ['127.0.0.1/32'],
    markets: [
      {
        key: 'plk-eu',
        brand: 'plk',
        region: 'eu',
        storeSupportTicketTimeThresholdMinutes: 120,
        categoryGroups: [{ key: 'other', label: 'Something else', ticketType: 'GENERAL', subCategories }],
        partners: [{ key: 'regional', url, secret: partnerSecret, events: ['GENERAL_SUPPORT_TICKET_EVENT'] }],
      },
    ],
  }
}
