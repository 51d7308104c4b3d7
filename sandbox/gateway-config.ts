import { createRouting } from './rbi/routing.ts'
import type { SandboxSystemName } from './types.ts'

/** The tokens and secrets that the simulators and the gateway share. They guard nothing: the simulators listen on loopback only. */
export const tokens: Readonly<Record<SandboxSystemName, string>> = {
  oneview: 'sandbox-oneview-token',
  verifik: 'sandbox-verifik-token',
  vcc: 'sandbox-vcc-secret',
  wasabi: 'sandbox-wasabi-token',
  rbi: 'sandbox-rbi-secret',
}
export const partnerSecret = `whsec_${Buffer.from('sandbox-partner-secret-of-32-byte').toString('base64')}`

export type GatewayConfig = ReturnType<typeof toGatewayConfig>

/** The configuration that joins a gateway to the sandbox, in the shape of its YAML file; `routing` is the routing file's data. */
export function toGatewayConfig(urls: { readonly oneview: string; readonly verifik: string; readonly partners: string }) {
  return {
    sources: {
      oneview: { system: 'oneview' as const, url: urls.oneview, token: tokens.oneview },
      verifik: { system: 'verifik' as const, url: urls.verifik, token: tokens.verifik },
      vcc: { system: 'vcc' as const, account: 'acme', secret: tokens.vcc },
      wasabi: { system: 'wasabi' as const, token: tokens.wasabi },
      rbi: { system: 'rbi' as const, secret: tokens.rbi, routing: createRouting(urls.partners, partnerSecret) },
    },
  }
}
