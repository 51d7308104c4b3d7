import { mirrorFields as freshdeskMirrors } from './freshdesk/fields.ts'
import { createFreshdesk } from './freshdesk/simulator.ts'
import { createIntercom } from './intercom/simulator.ts'
import { mirrorAttributes as intercomMirrors } from './intercom/workspace.ts'
import { mirrorFields as jiraMirrors } from './jira/fields.ts'
import { createJira } from './jira/simulator.ts'
import { serviceAccount } from './jira/site.ts'
import { createOneView } from './oneview/simulator.ts'
import type { Random } from './random.ts'
import { createRouting } from './rbi/catalogue.ts'
import { createRbi } from './rbi/simulator.ts'
import type { EventSimulator, Simulator } from './simulator.ts'
import type { Story } from './story.ts'
import { createVcc } from './vcc/simulator.ts'
import { createVerifik } from './verifik/simulator.ts'
import { createWasabi } from './wasabi/simulator.ts'
import { mirrorFields as zendeskMirrors } from './zendesk/installation.ts'
import { createZendesk } from './zendesk/simulator.ts'

/** What a simulator begins with. `until` is the end of the generated history, in milliseconds since 1970. */
export interface SimulatorOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  /** What the systems of the sandbox have in common. */
  readonly story: Story
  /** The token or secret that the system and the gateway share, by both names. */
  readonly token: string
  readonly secret: string
}

/** What a gateway's configuration of a system depends on. */
export interface ConfigOptions {
  /** The base URL of its API. */
  readonly url: string
  readonly token: string
  readonly partners: { readonly url: string; readonly secret: string }
}

/** One simulated system of the sandbox. */
export interface SystemEntry {
  /** For people. */
  readonly label: string
  /** How many tickets it begins with. */
  readonly count: number
  /** No secret: the simulators listen on loopback only. */
  readonly token: string
  /** The path of its API. Absent: none. */
  readonly path?: string
  create(options: SimulatorOptions): Simulator | EventSimulator
  /** Its block in the gateway's configuration, in the shape of the YAML file. */
  config(options: ConfigOptions): { readonly system: string }
}

/** OneView's links name other desks by `ticketIdType`. */
const oneViewMirrors = ['zendesk', 'jira', 'intercom', 'freshdesk'].map((system) => ({
  link: system.toUpperCase(),
  source: system,
}))

const zendeskWebhookSecret = 'sandbox-zendesk-webhook-secret'
const freshdeskWebhookSecret = 'sandbox-freshdesk-webhook-secret'
const intercomClientSecret = 'sandbox-intercom-client-secret'

/** The systems of the sandbox, by their keys in the gateway's configuration. A further system is one entry. */
export const sandboxSystems = {
  oneview: {
    ...{ label: 'OneView', count: 900, token: 'sandbox-oneview-token', path: '/ticket-detail' },
    create: createOneView,
    config: ({ url, token }) => ({ system: 'oneview' as const, url, token, mirrors: oneViewMirrors }),
  },
  verifik: {
    ...{ label: 'Verifik', count: 600, token: 'sandbox-verifik-token' },
    create: createVerifik,
    config: ({ url, token }) => ({ system: 'verifik' as const, url, token }),
  },
  vcc: {
    ...{ label: 'VCC Live', count: 320, token: 'sandbox-vcc-secret' },
    create: createVcc,
    config: ({ token }) => ({ system: 'vcc' as const, account: 'acme', secret: token }),
  },
  wasabi: {
    ...{ label: 'Wasabi', count: 320, token: 'sandbox-wasabi-token' },
    create: createWasabi,
    config: ({ token }) => ({ system: 'wasabi' as const, token }),
  },
  rbi: {
    ...{ label: 'RBI', count: 130, token: 'sandbox-rbi-secret' },
    create: createRbi,
    config: ({ token, partners }) => ({
      ...{ system: 'rbi' as const, secret: token },
      routing: createRouting(partners.url, partners.secret),
    }),
  },
  zendesk: {
    ...{ label: 'Zendesk', count: 800, token: 'sandbox-zendesk-token' },
    create: ({ random, until, count, story, token }) =>
      createZendesk({ random, until, count, story, credentials: { token }, webhookSecret: zendeskWebhookSecret }),
    config: ({ url, token }) => ({
      ...{ system: 'zendesk' as const, url, token, webhookSecret: zendeskWebhookSecret },
      mirrors: zendeskMirrors.map(({ title, system }) => ({ field: title, source: system })),
      // Its files are on a host of their own.
      upstream: { fileNetworks: ['127.0.0.1/32'] },
      // The simulator's limits are as generous.
      budget: { calls: { all: 100_000, 'tickets-index': 100_000, 'tickets-update': 100_000, 'ticket-update': 100_000 } },
    }),
  },
  jira: {
    ...{ label: 'Jira', count: 380, token: 'sandbox-jira-token' },
    create: createJira,
    config: ({ url, token }) => ({
      // The site signs its webhooks with its token.
      ...{ system: 'jira' as const, url, email: serviceAccount.emailAddress, token, webhookSecret: token },
      dialect: { channelField: 'Request channel type' },
      mirrors: jiraMirrors.map(({ name, system }) => ({ field: name, source: system })),
      // Files are on a host of their own, which listens on loopback.
      upstream: { fileNetworks: ['127.0.0.1/32', '::1/128'] },
      // The simulator's limits are as generous.
      budget: { calls: { list: 100_000, read: 100_000, write: 100_000, issueIn2Seconds: 100_000, issueIn30Seconds: 100_000 } },
    }),
  },
  intercom: {
    ...{ label: 'Intercom', count: 450, token: 'sandbox-intercom-token' },
    create: (options) => createIntercom({ ...options, clientSecret: intercomClientSecret }),
    config: ({ url, token }) => ({
      ...{ system: 'intercom' as const, url, token, priorityField: 'Priority', webhookSecret: intercomClientSecret },
      mirrors: intercomMirrors.map(({ name, system }) => ({ field: name, source: system })),
      // Files are on a host of their own, which listens on loopback.
      upstream: { fileNetworks: ['127.0.0.1/32'] },
      // The simulator's limits are as generous.
      budget: { calls: { all: 100_000 } },
    }),
  },
  freshdesk: {
    ...{ label: 'Freshdesk', count: 500, token: 'sandbox-freshdesk-key' },
    create: ({ random, until, count, story, token }) =>
      createFreshdesk({ random, until, count, story, apiKey: token, webhookSecret: freshdeskWebhookSecret }),
    config: ({ url, token }) => ({
      ...{ system: 'freshdesk' as const, url, token, webhookSecret: freshdeskWebhookSecret },
      statuses: {
        ...{ 'Waiting on Customer': 'PENDING', 'Waiting on Third Party': 'ON_HOLD' },
        ...{ 'With the kitchen': 'IN_PROGRESS', 'Refund approved': 'ON_HOLD' },
      },
      mirrors: freshdeskMirrors.map(({ name, system }) => ({ field: name, source: system })),
      // Files are on a host of their own, which listens on loopback.
      upstream: { fileNetworks: ['127.0.0.1/32'] },
      // The simulator's limits are as generous.
      budget: { calls: { all: 100_000, list: 100_000, create: 100_000, update: 100_000 } },
    }),
  },
} as const satisfies Record<string, SystemEntry>

/** The key of a simulated system, in the sandbox and in the gateway's configuration. */
export type SandboxSystemName = keyof typeof sandboxSystems
