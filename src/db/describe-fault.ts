import { DeskgraphError } from '../domain/errors.ts'

const actions: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Start PostgreSQL, or correct DATABASE_URL.',
  ENOTFOUND: 'The host name is not known. Correct DATABASE_URL.',
  EAI_AGAIN: 'The host name could not be resolved. Check the name server, or correct DATABASE_URL.',
  ETIMEDOUT: 'The host does not answer. Check the network and its firewall.',
  ECONNRESET: 'The host closed the connection. Check the network, and whether the server asks for TLS.',
  ENETUNREACH: 'There is no route to the network of the host. Check the network.',
  EHOSTUNREACH: 'There is no route to the host. Check the network.',
  '25006': 'The server accepts no writes: it is a standby or read-only. Name the primary in DATABASE_URL.',
  '28000': 'The server refuses this user or this host. Check the user in DATABASE_URL, and pg_hba.conf.',
  '28P01': 'The user or the password is wrong. Correct DATABASE_URL.',
  '3D000': 'The database does not exist. Create it, or correct DATABASE_URL.',
  '42501': 'The user may not create or change tables. Make it the owner of the database.',
  '3F000': 'The schema does not exist. Create it, or correct the search_path of the user.',
  '53100': 'The disk of the server is full. Free some space.',
  '53300': 'The server has no free connection. Raise max_connections, or run fewer replicas.',
  '57P03': 'The server is starting or shutting down. Start the gateway again in a moment.',
  CERT_HAS_EXPIRED: 'The certificate of the server has expired. Renew it.',
  CERT_NOT_YET_VALID: 'The certificate of the server is not valid yet. Check the clocks.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the server is self-signed. Name it in NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the server has an unknown issuer. Name it in NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the server has an unknown issuer. Name it in NODE_EXTRA_CA_CERTS.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the server is for another host. Use the name that it has.',
}
/** pg reports these without a code. */
const actionsByMessage: readonly (readonly [RegExp, string])[] = [
  [/timeout exceeded when trying to connect|Connection terminated due to connection timeout/, actions.ETIMEDOUT!],
  [/does not support SSL/, 'The server does not offer TLS. Remove sslmode from DATABASE_URL, or switch TLS on in the server.'],
  [/password must be a string/, 'The server asks for a password. Put it into DATABASE_URL.'],
]
const otherwise = 'The log of the server says more.'

/**
 * The error of a start that could not use PostgreSQL, for the operator: host, port and database, the code, and what to do. It names neither the user
 * nor the password. An error that is not about the database is returned unchanged.
 */
export function describeStartFault(error: unknown, databaseUrl: string): unknown {
  if (!(error instanceof DeskgraphError) || error.code !== 'STORAGE_UNAVAILABLE') return error
  const found = findDatabaseFault(error.cause)
  if (found === null) return error
  const shownCode = found.code === null ? '' : ` (${found.code})`
  return new DeskgraphError(error.code, `${placeOf(databaseUrl)} cannot be used${shownCode}. ${found.action}`, { cause: error })
}

/** The code of an error of pg (null: it has none) and what the operator has to do. Neither names a host, a user or a value. null: it is no error. */
export function findDatabaseFault(error: unknown): { readonly code: string | null; readonly action: string } | null {
  const cause = firstCause(error)
  if (cause === null) return null
  const given = (cause as { code?: unknown }).code
  const code = typeof given === 'string' ? given : null
  const known = code === null ? undefined : actions[code]
  return { code, action: known ?? actionsByMessage.find(([pattern]) => pattern.test(cause.message))?.[1] ?? otherwise }
}

/** node:net reports several refused addresses as an AggregateError: the first one stands for all. */
function firstCause(cause: unknown): Error | null {
  if (cause instanceof AggregateError) return firstCause(cause.errors[0])
  return cause instanceof Error ? cause : null
}

function placeOf(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl)
  const host = hostname || searchParams.get('host') || 'localhost'
  return `PostgreSQL at ${host}:${port || 5432}, database ${decodeURIComponent(pathname.slice(1)) || '(none)'},`
}
