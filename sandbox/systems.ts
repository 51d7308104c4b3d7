import { createOneView } from './oneview/simulator.ts'
import type { Random } from './random.ts'
import { createRouting } from './rbi/catalogue.ts'
import { createRbi } from './rbi/simulator.ts'
import type { EventSimulator, Simulator } from './simulator.ts'
import { createVcc } from './vcc/simulator.ts'
import { createVerifik } from './verifik/simulator.ts'
import { createWasabi } from './wasabi/simulator.ts'

/** What a simulator begins with. `until` is the end of the generated history, in milliseconds since 1970. */
export interface SimulatorOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
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

/** The systems of the sandbox, by their keys in the gateway's configuration. A further system is one entry. */
export const sandboxSystems = {
  oneview: {
    ...{ label: 'OneView', count: 700, token: 'sandbox-oneview-token', path: '/ticket-detail' },
    create: createOneView,
    config: ({ url, token }) => ({ system: 'oneview' as const, url, token }),
  },
  verifik: {
    ...{ label: 'Verifik', count: 450, token: 'sandbox-verifik-token' },
    create: createVerifik,
    config: ({ url, token }) => ({ system: 'verifik' as const, url, token }),
  },
  vcc: {
    ...{ label: 'VCC Live', count: 350, token: 'sandbox-vcc-secret' },
    create: createVcc,
    config: ({ token }) => ({ system: 'vcc' as const, account: 'acme', secret: token }),
  },
  wasabi: {
    ...{ label: 'Wasabi', count: 350, token: 'sandbox-wasabi-token' },
    create: createWasabi,
    config: ({ token }) => ({ system: 'wasabi' as const, token }),
  },
  rbi: {
    ...{ label: 'RBI', count: 150, token: 'sandbox-rbi-secret' },
    create: createRbi,
    config: ({ token, partners }) => ({
      ...{ system: 'rbi' as const, secret: token },
      routing: createRouting(partners.url, partners.secret),
    }),
  },
} as const satisfies Record<string, SystemEntry>

/** The key of a simulated system, in the sandbox and in the gateway's configuration. */
export type SandboxSystemName = keyof typeof sandboxSystems
