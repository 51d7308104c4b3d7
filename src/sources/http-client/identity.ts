import type { Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'

/** Visible ASCII without a comma, inner blanks allowed: what cannot be split into two headers or two identities. */
const plain = /^[!-+\--~](?:[ -+\--~]*[!-+\--~])?$/

/** RFC 5321 §4.5.3.1: no address is longer. */
const longest = 254

/**
 * The value under which a source knows the person, or null when there is none to name. An identity that could be read as two,
 * or end the header, is refused: sent without it, the source would do the work in nobody's name.
 */
export function toIdentityHeader(viewer: Viewer, sourceKey: string): string | null {
  if (viewer.email === null) return null
  if (viewer.email.length <= longest && plain.test(viewer.email)) return viewer.email
  throw new DeskgraphError('FORBIDDEN', 'Your sign-in names you in a way that cannot be passed on to this source.', {
    source: sourceKey,
  })
}
