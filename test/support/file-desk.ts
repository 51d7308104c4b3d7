import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { createMemorySource } from './memory-source.ts'
import { toSourceInfo } from './memory-ticket.ts'

interface ReceivedFile {
  readonly filename: string
  readonly contentType: string
  readonly agent: string
  readonly body: Buffer
}

/**
 * A source that takes uploads, over a real HTTP server: it stores a file and answers with a token, which a reply names. A file whose end never
 * comes is not stored.
 */
export async function startFileDesk(key = 'files') {
  const files = new Map<string, ReceivedFile>()
  const state = { refuses: false, broken: 0, firstChunk: () => {} }
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => {
      state.firstChunk()
      chunks.push(chunk)
    })
    incoming.on('aborted', () => {
      state.broken += 1
    })
    incoming.on('error', () => {})
    incoming.on('end', () => {
      if (state.refuses) return void response.writeHead(503).end()
      const token = `token-${files.size + 1}`
      const { 'content-type': contentType = '', 'x-agent': agent = '' } = incoming.headers
      const filename = new URL(incoming.url ?? '/', 'http://desk').searchParams.get('filename') ?? ''
      files.set(token, { filename, contentType, agent: String(agent), body: Buffer.concat(chunks) })
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ token }))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/uploads`
  const plain = toSourceInfo(key)
  const info = { ...plain, capabilities: { ...plain.capabilities, attachments: 'UPLOAD' as const } }
  const source = createMemorySource(info, {
    methods: {
      async uploadFile({ filename, contentType, body }, { viewer, signal }) {
        const headers = { 'content-type': contentType ?? 'application/octet-stream', 'x-agent': viewer.email ?? '' }
        const address = `${url}?${new URLSearchParams({ filename })}`
        const answer = await request(address, { method: 'POST', headers, body, signal })
        if (answer.statusCode !== 201) {
          await answer.body.dump()
          throw new DeskgraphError('UPSTREAM_UNAVAILABLE', 'The source did not take the file.', { source: key })
        }
        return ((await answer.body.json()) as { token: string }).token
      },
    },
  })
  return {
    source,
    files,
    state,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((done) => server.close(() => done()))
    },
  }
}
