/**
 * What bounds a target that was missed, by the verdict's key: one sentence each, proved by a profile, and only while it is true.
 * The report prints it beside the miss.
 */
export const bounds: Readonly<Record<string, string>> = {
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir bench/results/profiles" npm run bench -- --only=W6
  'W6/PostgreSQL/1':
    'a system call for every socket and batch of changes, 11 to 13 µs each: 27,000 a second carry the 100,000 messages and take 39 % of the time (writev), so that a batch leaves every 37 ms',
  'W6/PGlite/1':
    'the same, and the embedded database takes more than half of the same core: 17,000 writes a second, a batch every 58 ms',
}
