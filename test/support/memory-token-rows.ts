import type { NewTokens, TokenRow, TokenRows } from '../../src/sources/credentials/token-store.ts'

interface MemoryRow extends TokenRow {
  readonly claim: number
  readonly claimedUntil: number
}

/** The rows of a database that several replicas of a test share, without a database. */
export function createMemoryTokenRows(clock: () => number = Date.now): TokenRows {
  const rows = new Map<string, MemoryRow>()
  const iso = () => new Date(clock()).toISOString()
  const ended = { claimedBy: null, claimedAt: null, claimedUntil: 0 }
  const change = (sourceKey: string, isRight: (row: MemoryRow) => boolean, toChanged: (row: MemoryRow) => Partial<MemoryRow>) => {
    const row = rows.get(sourceKey)
    if (!row || !isRight(row)) return null
    const changed = { ...row, ...toChanged(row) }
    rows.set(sourceKey, changed)
    return changed
  }
  const fresh = (tokens: NewTokens) => ({ state: 'READY' as const, uncertainSince: null, ...tokens })
  return {
    find: async (sourceKey) => rows.get(sourceKey) ?? null,
    list: async () => [...rows.values()],
    async add(sourceKey, tokens) {
      if (!rows.has(sourceKey)) rows.set(sourceKey, { sourceKey, version: 0, claim: 0, ...ended, ...fresh(tokens) })
    },
    async claim(sourceKey, version, holder, ttlMs) {
      const isFree = (row: MemoryRow) => row.version === version && row.state === 'READY' && row.claimedUntil <= Date.now()
      const row = change(sourceKey, isFree, ({ claim, claimedBy, claimedAt, uncertainSince }) => ({
        claim: claim + 1,
        claimedBy: holder,
        claimedAt: iso(),
        claimedUntil: Date.now() + ttlMs,
        uncertainSince: claimedBy === null ? uncertainSince : (uncertainSince ?? claimedAt),
      }))
      return row && { number: row.claim, row }
    },
    async save(sourceKey, claim, tokens) {
      return (
        change(
          sourceKey,
          (row) => row.version < claim,
          (row) => ({ ...fresh(tokens), version: claim, ...(row.claim === claim && ended) }),
        ) !== null
      )
    },
    async refuse(sourceKey, claim, version) {
      const isMine = (row: MemoryRow) => row.claim === claim && row.version === version
      return change(sourceKey, isMine, () => ({ state: 'REFUSED', ...ended })) !== null
    },
    async release(sourceKey, claim, mayBeSpent) {
      const isMine = (row: MemoryRow) => row.claim === claim && row.claimedBy !== null
      change(sourceKey, isMine, ({ uncertainSince, claimedAt }) => ({
        ...ended,
        uncertainSince: mayBeSpent ? (uncertainSince ?? claimedAt) : uncertainSince,
      }))
    },
    async replace(sourceKey, version, tokens) {
      const isRight = (row: MemoryRow) => version === null || row.version === version
      const toNext = ({ claim }: MemoryRow) => ({ ...fresh(tokens), ...ended, version: claim + 1, claim: claim + 1 })
      return change(sourceKey, isRight, toNext) !== null
    },
    async reseal({ sourceKey, version, sealed: before }, sealed) {
      const isSame = (row: MemoryRow) => row.version === version && Buffer.from(row.sealed).equals(before)
      return change(sourceKey, isSame, () => sealed) !== null
    },
  }
}
