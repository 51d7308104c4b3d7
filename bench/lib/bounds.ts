const onASlowCore =
  'where a core is slow, what comes during a whole collection waits: its helpers share the core with the gateway, which stood for up to 162 ms and worked for 33 of them, by the processor time of each thread (2 × AMD EPYC)'

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
  'W4/hive':
    "Hive's whole request takes 0.20 ms; a seventh, 28 µs, is 6 µs more than node's HTTP alone, and token, rate limit, metrics and headers take 10",
  // node bench/profile.ts W3 5 deskgraph-unshared
  'W3/baseline, sharing nothing':
    "41 calls for each page and nobody to share them with: the vendor's JSON takes 17 %, HTTP and what is written 16 %, the plan with its texts 11 %, decoding and translating 9 %, promises 5 %, collections 5 %; the rest is what each call has of its own and the hand-written server does without: circuit, bulkhead, deadline, metrics, identity, an id of the graph",
  // WARM=3 node bench/profile.ts W2 12 deskgraph 20
  'added/W2':
    'at twenty a second on caches gone cold, writing the text takes 30 % of the time, decoding and translating 12, the answer on its way into the socket 10, JSON.parse 9, the embedded database 8, lists and cursors 5; the hand-written server adds 2.6 of it in the same run',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=W6; collections by --trace-gc
  'W6/PostgreSQL/1':
    'the core is busy for four fifths of the time: half of it is the system call that writes the same bytes to each of 1,000 sockets, a sixth node around it, a fifth waking each subscriber and asking again for its rights; a batch of changes waits for the one before it',
  'W6/PGlite/10': onASlowCore,
  'W6/PGlite/1':
    'the core is busy for all of the time: 38 % of it is the system call that writes the same bytes to each of 1,000 sockets, once for each socket and batch of changes, a sixth the embedded database, a fifth waking each subscriber and asking again for its rights; a batch waits for the one before it, and in some runs a whole collection comes between',
  'W1/hive':
    "Hive's whole request takes 0.98 ms of processor time; a twelfth is 82 µs, and the hand-written baseline, which does nothing but node's HTTP on both sides and the vendor's JSON, takes 67; the rest of ours is as above",
  // npm run bench: the rows of the baseline
  'added/W1': 'where it was missed (2 × AMD EPYC), the hand-written server added 0.75 ms, and 0.29 ms were ours',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=start
  'start/PGlite/empty':
    'reading, linking and running 2,100 modules takes a third of the start, the embedded database another: its pages are touched for the first time, which costs most where a page is found slowly',
  'start/PGlite': 'the same',
  'start/PostgreSQL/empty':
    'reading, linking and running 2,100 modules: 1.0 s of the 3.0 that a start on PGlite was busy where it was profiled (2 × AMD EPYC), and a start on PostgreSQL reads nearly the same; all in one file they take 1.4 s less, and every request a tenth more (docs/decisions/0006-the-fast-path.md)',
  'start/PostgreSQL': 'the same',
  'W6/PGlite/100': onASlowCore,
  'W6/PostgreSQL/10': onASlowCore,
  // the same part for 150 s: least kept 45 MB in the first third and 46 in the last, 816 and 915 MB resident, 783,705 requests
  memory:
    'not a growth but the first slope of a saw: without the memory reducer old objects wait for a collection of everything, which does not come within 45 s; over 150 s what is kept stays at 45 to 46 MB',
}
