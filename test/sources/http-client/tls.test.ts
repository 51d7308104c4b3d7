import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { errorOf, read, upstreamFor, write } from './kit.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

/** Of nobody's that anybody trusts, made for this test. */
function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...names]
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

/** A vendor behind TLS that answers with the path, each after a time of its own. */
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
  it('gets reads in pipelines, each of which has its own answer, and writes', async () => {
    const certificate = makeCertificate()
    trust(certificate)
    const { url, connections } = await startSecureVendor(certificate)
    const upstream = upstreamFor(url, { limits: { connections: 2, pipelining: 8 } })
    const paths = Array.from({ length: 64 }, (_, index) => `/thing/${index}`)
    const answers = await Promise.all(paths.map((path) => read(upstream, path)))
    expect(answers.map(({ body }) => body)).toEqual(paths.map((path) => ({ path })))
    expect(connections.size).toBe(2)
    expect(await write(upstream)).toMatchObject({ ended: 'answered', answer: { body: { path: '/thing' } } })
  })

  it('is not asked anything when nobody vouches for its certificate', async () => {
    const { url, connections } = await startSecureVendor(makeCertificate())
    const upstream = upstreamFor(url, { limits: { retries: 0 } })
    const error = await errorOf(read(upstream))
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(error.message).not.toMatch(/localhost|certificate/i)
    expect((await errorOf(write(upstream))).code).toBe('UPSTREAM_UNAVAILABLE')
    expect(connections.size).toBe(0)
  })
})

if (!hasOpenssl) console.warn('openssl is not here: a source behind TLS is not tested.')
