/**
 * What bounds a target that was missed, by the verdict's key: one sentence each, proved by a profile, and only while it is true.
 * The report prints it beside the miss.
 */
export const bounds: Readonly<Record<string, string>> = {
  // node bench/profile.ts W1: the table in docs/decisions/0006-the-fast-path.md
  'W1/baseline':
    "one call and nobody to share it with: 51 % are node's HTTP on both sides and the vendor's JSON, which both pay; token, rate limit, metrics, circuit and deadlines take 13 %, translation, ids and loaders 13 %, body, variables and limits 6 %, plan and text 4 %",
  'W1/best of the peers':
    'the same: Mercurius pays the same HTTP and calls undici without deadline, circuit, bulkhead, identity or metrics',
  'W1/hive': "Hive's whole request takes 0.76 ms here; a twelfth, 64 µs, is what the hand-written baseline takes",
  'W4/hive':
    "Hive's whole request takes 0.20 ms; a seventh, 28 µs, is 6 µs more than node's HTTP alone, and token, rate limit, metrics and headers take 10",
  // node bench/profile.ts W3 5 deskgraph-unshared
  'W3/baseline, sharing nothing':
    '41 calls for each page and nobody to share them with: collecting what hundreds of reads in flight hold takes 14 %, reading and sending over HTTP 17 %, the JSON 11 %, decoding and translating 11 %, the plan with its look-ups and texts 12 %; each call has its own circuit, deadline, metrics and identity, which the hand-written server does without',
  // WARM=3 node bench/profile.ts W2 12 deskgraph 20
  'added/W2':
    'at twenty a second on caches gone cold, writing the text takes 30 % of the time, decoding and translating 12, the answer on its way into the socket 10, JSON.parse 9, the embedded database 8, lists and cursors 5; the hand-written server adds as much on the same machine once both are warm: 4.7 and 6.5 ms where this one adds 4.8 and 5.0, at a third of the usual speed',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=W6
  'W6/PostgreSQL/1':
    'a system call for every socket and batch of changes, 11 to 13 µs each: 27,000 a second carry the 100,000 messages and take 39 % of the time (writev), so that a batch leaves every 37 ms',
  'W6/PGlite/10':
    'the embedded database takes more than half of the same core, in turns of several milliseconds in which nothing is sent',
  'W6/PGlite/1':
    'the same, and the embedded database takes more than half of the same core: 17,000 writes a second, a batch every 58 ms',
}
