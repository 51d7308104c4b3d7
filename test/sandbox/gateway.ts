import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface TakenWebhook {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** The receiving side of webhooks as a plain server: keeps what came and answers what `answer` says. */
export async function receiveWebhooks(
  answer: (index: number) => { status: number; headers?: Record<string, string> } = () => ({ status: 200 }),
) {
  const taken: TakenWebhook[] = []
  let index = 0
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8')
    const { status, headers = {} } = answer(index++)
    if (status < 300) taken.push({ path: request.url ?? '', headers: request.headers, body })
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    calls: () => index,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
