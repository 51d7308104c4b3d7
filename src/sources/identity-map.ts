import * as z from 'zod'
import type { Viewer } from '../domain/call.ts'

// Who a viewer is at each source (DECISION-51).

/** No control character, no blanks around it, and not longer than an e-mail address may be. The value of the claim has to be equal. */
const name = z
  .string()
  .max(254)
  .regex(/^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u, 'must not be empty, begin or end with a blank, or have a control character')

/** The block `identity`: the logins of viewers at the sources. */
export const identityConfig = z
  .strictObject({
    claim: z
      .string()
      .min(1)
      .optional()
      .describe('The claim that names a viewer to the sources, and in `map`. Default: auth.claims.identity, which is `email`.'),
    map: z
      .record(name, z.record(z.string(), name))
      .default({})
      .describe('The value of the claim, and under it the login of this viewer at a source, by the key of the source.'),
  })
  .describe('Who a viewer is at each source, where that is not the value of the claim.')
export type IdentityConfig = z.output<typeof identityConfig>

/** The login of a viewer at one source; null: none, and the gateway acts there with its own account. Pure. */
export type LoginOf = (viewer: Viewer) => string | null

/** The value of the claim, which is a login in most systems. */
export const claimAsLogin: LoginOf = ({ email }) => email

export interface IdentityMap {
  /** The viewer's entry in the map, else the value of the claim where the source takes it, else null. */
  loginOf(sourceKey: string, viewer: Viewer): string | null
}

/** `takesClaim`: whether the value of the claim is a login at the source. */
export function createIdentityMap({ map }: Pick<IdentityConfig, 'map'>, takesClaim: (sourceKey: string) => boolean): IdentityMap {
  // A Map: a claim may have the value `constructor`.
  const logins = new Map(Object.entries(map).map(([value, bySource]) => [value, new Map(Object.entries(bySource))]))
  return {
    loginOf(sourceKey, viewer) {
      const claim = viewer.email
      if (claim === null) return null
      return logins.get(claim)?.get(sourceKey) ?? (takesClaim(sourceKey) ? claimAsLogin(viewer) : null)
    },
  }
}

/** The logins of a viewer, by the keys of these sources. A source where the viewer has none is left out. */
export function loginsOf(
  { loginOf }: IdentityMap,
  sourceKeys: readonly string[],
  viewer: Viewer,
): Readonly<Record<string, string>> {
  const logins = sourceKeys.map((key) => [key, loginOf(key, viewer)] as const)
  return Object.fromEntries(logins.filter((entry): entry is readonly [string, string] => entry[1] !== null))
}
