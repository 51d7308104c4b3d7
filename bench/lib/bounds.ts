/**
 * What bounds a target that was missed, by the verdict's key: one sentence each, proved by a profile, and only while it is true.
 * The report prints it beside the miss.
 */
export const bounds: Readonly<Record<string, string>> = {
  // node bench/profile.ts W1: the table in docs/decisions/0006-the-fast-path.md
  'W1/baseline':
    "one call and nobody to share it with: 52 % are node's HTTP on both sides and the vendor's JSON, which both pay; token, rate limit, metrics, circuit and deadlines take 13 %, translation, ids and loaders 12 %, body, variables and limits 10 %, plan and text 6 %",
  'W1/best of the peers':
    'the same: Mercurius pays the same HTTP and calls undici without deadline, circuit, bulkhead, identity or metrics',
  'W1/hive': "Hive's whole request takes 0.76 ms here; a twelfth, 64 µs, is what the hand-written baseline takes",
  'W4/hive':
    "Hive's whole request takes 0.20 ms; a seventh, 28 µs, is 6 µs more than node's HTTP alone, and token, rate limit, metrics and headers take 10",
  'added/W2':
    'not taken apart: the hand-written server adds 2.2 ms by itself (136 kB read, parsed and written twenty times a second, on caches gone cold), and what it does without comes on top',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=W6
  'W6/PostgreSQL/1':
    'a system call for every socket and batch of changes, 11 to 13 µs each: 27,000 a second carry the 100,000 messages and take 39 % of the time (writev), so that a batch leaves every 37 ms',
  'W6/PGlite/10':
    'the embedded database takes more than half of the same core, in turns of several milliseconds in which nothing is sent',
  'W6/PGlite/1':
    'the same, and the embedded database takes more than half of the same core: 17,000 writes a second, a batch every 58 ms',
}
