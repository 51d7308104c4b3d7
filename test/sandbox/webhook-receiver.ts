import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A webhook that was acknowledged. */
export interface ReceivedWebhook {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A plain server that receives webhooks. It answers as `answer` says and records what it acknowledged. */
export async function receiveWebhooks(
  answer: (index: number) => { status: number; headers?: Record<string, string> } = () => ({ status: 200 }),
) {
  const received: ReceivedWebhook[] = []
  let index = 0
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8')
    const { status, headers = {} } = answer(index++)
    if (status < 300) received.push({ path: request.url ?? '', headers: request.headers, body })
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    calls: () => index,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
