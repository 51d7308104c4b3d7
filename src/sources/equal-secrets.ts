import { createHash, timingSafeEqual } from 'node:crypto'

/** Are these the same? Takes the same time whatever differs, lengths too. */
export function equalSecrets(a: string | Buffer, b: string | Buffer): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(a), digest(b))
}
