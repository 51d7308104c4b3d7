import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { TLSSocket } from 'node:tls'
import type { DiagnosticsChannel } from 'undici'
import { type Finding, problem, warning } from './checks.ts'

// What the calls of the checks show beside their answers: certificates, clocks, and why a connection was not made.

/** What is known of the host of a URL. null: nothing was seen. */
export interface SeenHost {
  /** When its certificate ends, in milliseconds since 1970. */
  readonly certificateEndsAt: number | null
  /** Its clock minus the clock of this machine, by the header `Date`, in milliseconds. */
  readonly clockOffsetMs: number | null
  /** The status of its last answer. */
  readonly status: number | null
}

export interface ConnectionObserver {
  seen(url: string): SeenHost
  stop(): void
}

const connected = 'undici:client:connected'
const answered = 'undici:request:headers'

/** Watches the connections and answers of undici in this process, by its documented diagnostics channels: no further call is made. */
export function observeConnections(): ConnectionObserver {
  const hosts = new Map<string, SeenHost>()
  const seen = (url: string) => hosts.get(new URL(url).origin) ?? { certificateEndsAt: null, clockOffsetMs: null, status: null }
  const add = (url: string, more: Partial<SeenHost>) => hosts.set(new URL(url).origin, { ...seen(url), ...more })
  const onConnected = (message: unknown): void => {
    const { connectParams, socket } = message as DiagnosticsChannel.ClientConnectedMessage
    const end = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN
    if (!Number.isNaN(end)) add(`${connectParams.protocol}//${connectParams.host}`, { certificateEndsAt: end })
  }
  const onAnswered = (message: unknown): void => {
    const { request, response } = message as DiagnosticsChannel.RequestHeadersMessage
    const { statusCode: status, headers } = response
    const date = Date.parse(findHeader(Array.isArray(headers) ? headers.map(String) : [], 'date'))
    // The header has whole seconds: its middle is half a second later.
    add(String(request.origin), { status, ...(!Number.isNaN(date) && { clockOffsetMs: date + 500 - Date.now() }) })
  }
  subscribe(connected, onConnected)
  subscribe(answered, onAnswered)
  return {
    seen,
    stop() {
      unsubscribe(connected, onConnected)
      unsubscribe(answered, onAnswered)
    },
  }
}

/** In a list of names and values in turn. Empty: it is not there. */
function findHeader(headers: readonly string[], wanted: string): string {
  const index = headers.findIndex((name, place) => place % 2 === 0 && name.toLowerCase() === wanted)
  return index < 0 ? '' : (headers[index + 1] ?? '')
}

const dayMs = 86_400_000
const certificateDays = 14
const clockSeconds = 5

/** Warnings about a certificate that ends soon and a clock that differs. Empty: both are good, or were not seen. */
export function findHostWarnings({ certificateEndsAt, clockOffsetMs }: SeenHost): readonly Finding[] {
  const findings: Finding[] = []
  const daysLeft = certificateEndsAt === null ? Number.POSITIVE_INFINITY : (certificateEndsAt - Date.now()) / dayMs
  if (daysLeft < certificateDays) {
    findings.push(
      warning(
        `Its certificate ends in ${Math.max(0, Math.floor(daysLeft))} days, on ${new Date(certificateEndsAt ?? 0).toISOString().slice(0, 10)}.`,
        'Ask its operator to renew the certificate before that day.',
      ),
    )
  }
  if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > clockSeconds * 1000) {
    findings.push(warning(`Its clock is ${describeOffset(clockOffsetMs)}.`, clockAction))
  }
  return findings
}

export const clockAction = 'Check the time service (NTP) of this machine first, then of the other one.'

/** For example `12 s ahead of the clock of this machine`. */
export function describeOffset(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  return `${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of this machine`
}

const unknownIssuer = [
  'Its certificate has an issuer that this machine does not know',
  'Name the certificate of the issuer in NODE_EXTRA_CA_CERTS, or ask its operator for the missing chain.',
] as const
const badName = [
  'The name of its host is not known',
  'Correct the host name in the configuration, or check the name server.',
] as const
const noRoute = ['Its host cannot be reached', 'Check the network and firewall between this machine and it.'] as const
const closed = ['It closed the connection', 'Look at its log, and check whether it expects TLS at this port.'] as const

/** By the code of the error: what it means, and what to do. */
const faults: Readonly<Record<string, readonly [found: string, action: string]>> = {
  CERT_HAS_EXPIRED: ['Its certificate has expired', 'Ask its operator to renew the certificate. Until then no call is made.'],
  CERT_NOT_YET_VALID: ['Its certificate is not valid yet', 'Check the clock of this machine, then ask its operator.'],
  CERT_REVOKED: ['Its certificate was revoked', 'Ask its operator for a new certificate.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownIssuer,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'Its certificate is for another host name',
    'Use the host name of the certificate, or ask its operator.',
  ],
  ECONNREFUSED: ['It refuses connections: nothing listens there', 'Start it, or correct host and port in the configuration.'],
  ECONNRESET: closed,
  UND_ERR_SOCKET: closed,
  ENOTFOUND: badName,
  EAI_AGAIN: badName,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ETIMEDOUT: noRoute,
  UND_ERR_CONNECT_TIMEOUT: noRoute,
}

/** Why no connection was made, by the first known code among the error and its causes; null: the error has none. */
export function findConnectionFault(error: unknown): Finding | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = faults[code]
  if (known) return problem(`${known[0]} (${code}).`, known[1])
  // The codes of OpenSSL name the single fault of a handshake.
  if (/^ERR_(SSL|TLS)/.test(code)) return problem(`The TLS handshake failed (${code}).`, 'Check that it speaks TLS at this port.')
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return findConnectionFault(inner)
}
