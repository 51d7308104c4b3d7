import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

/** The web server of the pages: another origin than the gateway's. */
export interface PageServer {
  readonly origin: string
  close(): void
}

export interface PageServerOptions {
  readonly gatewayUrl: string
  /** A token for the user of the page, as the page's own backend gets it. */
  readonly issueToken: () => Promise<string>
}

const built = join(import.meta.dirname, '../../../clients/examples/dist')
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** Serves the built pages with a `config.json` that names the gateway, and tokens at `/token`. */
export async function startPageServer({ gatewayUrl, issueToken }: PageServerOptions): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    const json = (body: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    if (path === '/token' && request.method === 'POST') return json({ token: await issueToken() })
    if (path.endsWith('/config.json')) return json({ gatewayUrl, tokenUrl: '/token' })
    const file = join(built, path.endsWith('/') ? `${path}index.html` : path)
    if (!file.startsWith(built) || !existsSync(file)) return response.writeHead(404).end()
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
