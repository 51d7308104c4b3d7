import { createInterface } from 'node:readline'
import { openStore } from '../../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { oauthConfig } from '../../../src/sources/credentials/config.ts'
import { createOAuthSignIn } from '../../../src/sources/credentials/oauth-sign-in.ts'
import { createSecretKeys } from '../../../src/sources/credentials/secret-keys.ts'
import { createHttpClient } from '../../../src/sources/http-client/http-client.ts'
import { someCall } from '../call.ts'

// A process that signs in at one source and reads from it, as a replica of the gateway does. `read` on the standard input makes one read;
// its line is `200`, or the code and the message of its error.

const { databaseUrl, apiUrl, key, oauth } = JSON.parse(process.argv[2] ?? '') as {
  readonly databaseUrl: string
  readonly apiUrl: string
  readonly key: string
  readonly oauth: unknown
}
const observed = { logger: noLogger, metrics: noMetrics, clock: Date.now }
const store = await openStore({ ...observed, databaseUrl, findSource: () => null })
const { signIn } = createOAuthSignIn({ ...observed, rows: store.tokens, keys: createSecretKeys([key]) })
const source = { key: 'acme', label: 'Acme', oauth: oauthConfig.parse(oauth) }
const client = createHttpClient({
  ...observed,
  ...{ sourceKey: 'acme', label: 'Acme', baseUrl: apiUrl, timeoutMs: 20_000 },
  credentials: signIn(source),
})
console.log('ready')
createInterface({ input: process.stdin }).on('line', () => {
  const request = { operation: 'thing', path: '/thing', toResult: ({ status }: { readonly status: number }) => String(status) }
  client.read(request, someCall()).then(console.log, ({ code, message }) => console.log(`${code} ${message}`))
})
