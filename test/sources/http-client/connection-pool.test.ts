import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { noProxies } from '../../../src/outbound/proxies.ts'
import { someCall } from '../../support/call.ts'
import { startForwardProxy } from '../../support/forward-proxy.ts'
import { json, startVendor, type VendorCall } from '../../support/vendor.ts'
import { clientFor, errorOf, read, write } from './test-client.ts'

function perConnection(calls: readonly VendorCall[]): number[] {
  return [...Map.groupBy(calls, ({ port }) => port).values()].map((group) => group.length)
}

describe('connections', () => {
  it('are chosen by the fewest reads in flight, and pipelined only when all are busy', async () => {
    const vendor = await startVendor((_, res) => void setTimeout(() => json(res, {}), 20))
    const client = clientFor(vendor.url, { limits: { connections: 4, pipelining: 8, shareReads: false } })
    await Promise.all([1, 2, 3, 4].map(() => read(client)))
    expect(perConnection(vendor.calls)).toEqual([1, 1, 1, 1])
    await Promise.all(Array.from({ length: 12 }, () => read(client)))
    expect(perConnection(vendor.calls)).toEqual([4, 4, 4, 4])
  })

  it('an aborted read does not affect the other reads on its connection', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path !== '/hangs') setTimeout(() => json(res, { path }), 10)
    })
    const client = clientFor(vendor.url, { limits: { connections: 1, pipelining: 8, retries: 0 } })
    const leaving = new AbortController()
    const hangs = errorOf(read(client, '/hangs', someCall({ signal: leaving.signal })))
    const others = ['/a', '/b', '/c'].map((path) => read(client, path))
    setTimeout(() => leaving.abort(), 40)
    await hangs
    expect((await Promise.all(others)).map(({ body }) => body)).toEqual([{ path: '/a' }, { path: '/b' }, { path: '/c' }])
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

/** Creates a self-signed certificate for this test. */
function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:vendor.test']
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...names]
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

/** Starts a vendor behind TLS that answers with the path, after a random delay. */
async function startSecureVendor(certificate: Certificate) {
  const connections = new Set<number | undefined>()
  const server = createServer(certificate, (req, res) => {
    connections.add(req.socket.remotePort)
    const answer = () => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: req.url }))
    setTimeout(answer, Math.random() * 5)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, connections }
}

function trust({ cert }: Certificate): void {
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, cert.toString()])
  onTestFinished(() => setDefaultCACertificates(before))
}

describe.runIf(hasOpenssl)('a source behind TLS', () => {
  it('receives pipelined reads, each with its own answer, and writes', async () => {
    const certificate = makeCertificate()
    trust(certificate)
    const { url, connections } = await startSecureVendor(certificate)
    const client = clientFor(url, { limits: { connections: 2, pipelining: 8 } })
    const paths = Array.from({ length: 64 }, (_, index) => `/thing/${index}`)
    const answers = await Promise.all(paths.map((path) => read(client, path)))
    expect(answers.map(({ body }) => body)).toEqual(paths.map((path) => ({ path })))
    expect(connections.size).toBe(2)
    expect(await write(client)).toMatchObject({ ended: 'answered', answer: { body: { path: '/thing' } } })
  })

  it('UPSTREAM-37: is read and written through the tunnel of a proxy, with its own certificate', async () => {
    const certificate = makeCertificate()
    trust(certificate)
    const { url, connections } = await startSecureVendor(certificate)
    const proxy = await startForwardProxy(() => Number(new URL(url).port))
    onTestFinished(proxy.close)
    const proxies = { ...noProxies, https: proxy.url }
    const client = clientFor('https://vendor.test', { proxies, limits: { connections: 2, pipelining: 8 } })
    const paths = Array.from({ length: 32 }, (_, index) => `/thing/${index}`)
    const answers = await Promise.all(paths.map((path) => read(client, path)))
    expect(answers.map(({ body }) => body)).toEqual(paths.map((path) => ({ path })))
    expect(connections.size).toBe(2)
    expect(await write(client)).toMatchObject({ ended: 'answered', answer: { body: { path: '/thing' } } })
    expect(new Set(proxy.lines())).toEqual(new Set(['CONNECT vendor.test:443']))
    const stranger = clientFor('https://other.test', { proxies, limits: { retries: 0 } })
    expect((await errorOf(read(stranger))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect(connections.size).toBe(3)
  })

  it('receives no request when its certificate is not trusted', async () => {
    const { url, connections } = await startSecureVendor(makeCertificate())
    const client = clientFor(url, { limits: { retries: 0 } })
    const error = await errorOf(read(client))
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(error.message).not.toMatch(/localhost|certificate/i)
    expect((await errorOf(write(client))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect(connections.size).toBe(0)
  })
})

if (!hasOpenssl) console.warn('openssl is not installed: sources behind TLS are not tested.')
