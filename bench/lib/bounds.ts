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
    '41 calls for each page and nobody to share them with: collecting what hundreds of reads in flight hold takes 14 %, reading and sending over HTTP 17 %, the JSON 11 %, decoding and translating 11 %, the plan with its look-ups and texts 12 %; each call has its own circuit, deadline, metrics and identity, which the hand-written server does without',
  // WARM=3 node bench/profile.ts W2 12 deskgraph 20
  'added/W2':
    'at twenty a second on caches gone cold, writing the text takes 30 % of the time, decoding and translating 12, the answer on its way into the socket 10, JSON.parse 9, the embedded database 8, lists and cursors 5; the hand-written server adds 4.4 of it in the same run; on the machine of the profile it added 4.7 and 6.5 where this one added 4.8 and 5.0',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=W6
  'W6/PostgreSQL/1':
    'a system call for every socket and batch of changes, 11 to 13 µs each: 27,000 a second carry the 100,000 messages and take 39 % of the time (writev), so that a batch leaves every 37 ms',
  'W6/PGlite/10':
    'the embedded database takes more than half of the same core, in turns of several milliseconds in which nothing is sent',
  'W6/PGlite/1':
    'the same, and the embedded database takes more than half of the same core: 17,000 writes a second, a batch every 58 ms',
  'W1/hive':
    "Hive's whole request takes 1.23 ms here; a twelfth is 103 µs, of which node's HTTP on both sides and the vendor's JSON, all that the hand-written baseline does, take 77; the rest of ours is as above",
  // npm run bench: the rows of the baseline
  'added/W1':
    'the hand-written server adds 0.91 ms on the same machine, which is itself a guest in a virtual machine: a wake-up there takes a third of a millisecond; 0.29 ms are ours',
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=start
  'start/PGlite/empty':
    'reading, linking and running 2,100 modules takes a third of the start, the embedded database another: its pages are touched for the first time, which costs most where a page is found slowly',
  'start/PGlite': 'the same',
  'start/PostgreSQL/empty':
    'reading, linking and running 2,100 modules: 1.0 s of the 3.0 that a start on PGlite was busy on this machine by the profile, and a start on PostgreSQL reads nearly the same; all in one file they take 1.4 s less, and every request a tenth more (docs/decisions/0006-the-fast-path.md)',
  'start/PostgreSQL': 'the same',
  'W6/PGlite/100':
    'the core is busy for 95 % of the time, 58 of them the embedded database with 100 webhooks a second, in turns of up to 100 ms in which nothing is sent; with nobody subscribed it is busy for 0.87',
  'W6/PostgreSQL/10':
    'the gateway is busy for two thirds of the time here, a fifth of that writing to sockets, its longest turn 51 ms and its longest collection 37; the sender, 1,000 sockets and PostgreSQL share the other core, and what waits for them waits longer',
  // the same part for 150 s: least kept 45 MB in the first third and 46 in the last, 816 and 915 MB resident, 783,705 requests
  memory:
    'not a growth but the first slope of a saw: without the memory reducer old objects wait for a collection of everything, which does not come within 45 s; over 150 s what is kept stays at 45 to 46 MB',
}
