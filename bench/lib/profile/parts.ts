/** What a frame of a profile belongs to, in the order in which a request meets it. */
export const parts = {
  client: 'HTTP with the client',
  request: 'the body, variables, limits, headers',
  identity: 'token and rights',
  plan: 'the plan and its text',
  graph: 'resolvers and loaders, pages',
  call: 'what a call has of its own: sharing, circuit, bulkhead, deadline, metrics',
  vendor: 'HTTP with the vendor',
  json: "the vendor's JSON",
  translation: 'decoding and translating',
  database: 'the database',
  changes: 'events, and whom they concern',
  sockets: 'WebSockets',
  writing: 'the system calls that write',
  modules: 'reading, linking and compiling modules',
  promises: 'promises',
  garbage: 'collections of garbage',
  native: 'node and the kernel outside of JavaScript',
  rest: 'the rest',
} as const
export type Part = keyof typeof parts

/** Of a call frame in V8's profiles. */
export interface Frame {
  readonly functionName: string
  readonly url: string
}

const byName = new Map<string, Part>([
  ['(garbage collector)', 'garbage'],
  ['(program)', 'native'],
  ['runMicrotasks', 'promises'],
  ['writev', 'writing'],
  ['writeBuffer', 'writing'],
  ['writeLatin1String', 'writing'],
  ['writeUtf8String', 'writing'],
])

/** The first that fits holds. `dist` stands for the folder of a build. */
const byUrl: readonly (readonly [RegExp, Part])[] = [
  [/\/http-client\/json\.js/, 'json'],
  [/undici\/lib\/(api\/readable|web\/fetch)/, 'json'],
  [/\/node_modules\/undici\/|\/http-client\/(connection-pool|http-exchange)\.js/, 'vendor'],
  [/\/http-client\/|\/node_modules\/cockatiel\//, 'call'],
  [/\/dist[^/]*\/(sources|domain\/ids)|\/dist[^/]*\/lib\/(decode|instant|is-within-depth)/, 'translation'],
  [/\/dist[^/]*\/graphql\/execution\//, 'plan'],
  [/\/dist[^/]*\/(auth|domain\/permissions)|\/graphql\/schema\/(permissions|lookup)/, 'identity'],
  [/\/dist[^/]*\/(events|routing)\/|\/graphql\/(subscribe|shared-bodies|ticket-changes)|\/tickets\/filter/, 'changes'],
  [/\/node_modules\/(ws|graphql-ws)\/|\/dist[^/]*\/http\/live\//, 'sockets'],
  [
    /\/dist[^/]*\/http\/|\/dist[^/]*\/graphql\/(limits|documents|server|run-operation|cost)|\/dist[^/]*\/observability\//,
    'request',
  ],
  [/\/dist[^/]*\/store\/|\/node_modules\/(@electric-sql|pg[^/]*|kysely)\//, 'database'],
  [/\/dist[^/]*\/(tickets|graphql|cache|lib|domain)|\/node_modules\/dataloader\//, 'graph'],
  [/bench\/servers\/baseline/, 'translation'],
  [/node:internal\/(modules|bootstrap|process\/esm|source_map|main)|node:internal\/fs/, 'modules'],
  [/node:_http_/, 'client'],
]

/** null: nothing of its own, it works for whoever called it. */
export function partOf({ functionName, url }: Frame): Part | null {
  const named = byName.get(functionName)
  if (named !== undefined) return named
  return byUrl.find(([pattern]) => pattern.test(url))?.[1] ?? null
}
