import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { rewriteText } from '../support/fault-proxy.ts'
import { subscribeOverEvents, subscribeOverSocket } from '../support/live.ts'
import { type FaultyGateway, page, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

// How vendors encode their answers: compression, characters, halves of surrogate pairs.

let gateway: FaultyGateway
let plainGateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway()
  plainGateway = await startFaultyGateway({ environment: { DESKGRAPH_PERFORMANCE: 'off' } })
})
afterAll(() => Promise.all([gateway.close(), plainGateway.close()]))
beforeEach(() => gateway.proxy('oneview').reset())

guarantee(
  'UPSTREAM-34',
  {
    fault: 'a source answers with a content-encoding of utf-8, Identity, nothing, gzip, br or deflate',
    expected: 'its tickets come',
  },
  async () => {
    const { data: expected } = await page(gateway, 'oneview')
    expect(expected.tickets.nodes).toHaveLength(10)
    const encodings: readonly (readonly [string, (body: Buffer) => Buffer])[] = [
      ['utf-8', (body) => body],
      ['Identity', (body) => body],
      ['', (body) => body],
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
    ]
    for (const [name, encode] of encodings) {
      gateway.proxy('oneview').fault(async ({ response, forward }) => {
        const { body } = await forward()
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': name }).end(encode(body))
      })
      const { data, errors } = await page(gateway, 'oneview')
      expect(errors, name).toBeUndefined()
      expect(data.tickets.nodes, name).toEqual(expected.tickets.nodes)
    }
    return `10 tickets ${encodings.length} times`
  },
)

const query = '{ tickets(first: 3, filter: { sources: ["verifik"] }) { nodes { title raw } sources { outcome } } }'

/** Titles with a byte of Latin-1 and with half of an emoji, behind a byte order mark. */
const withBrokenTitles = rewriteText((text) => {
  let index = 0
  const titles = ['caf\u00e9', 'cut \\ud83d', 'fine \\ud83d\\ude00']
  return Buffer.from(
    `\u00ef\u00bb\u00bf${text.replace(/"title":"[^"]*"/g, (title) => withTitle(titles[index++]) ?? title)}`,
    'latin1',
  )
})
const withTitle = (title: string | undefined) => title && `"title":"${title}"`
const titles = ['caf\ufffd', 'cut \ufffd', 'fine 😀']

for (const [mode, of] of [
  ['with', () => gateway],
  ['without', () => plainGateway],
] as const) {
  guarantee(
    'UPSTREAM-35',
    {
      fault: `a page has a byte order mark, a byte that is not UTF-8 and half an emoji, ${mode} the code for speed`,
      expected: 'U+FFFD in their place over JSON, SSE and WebSocket',
    },
    async () => {
      const tested = of()
      tested.proxy('verifik').fault(withBrokenTitles)
      const check = (answer: Awaited<ReturnType<FaultyGateway['answer']>>) => {
        expect(answer.errors).toBeUndefined()
        expect(answer.data.tickets.sources).toEqual([{ outcome: 'OK' }])
        const nodes = answer.data.tickets.nodes as { title: string; raw: { title: string } }[]
        expect(nodes.map(({ title }) => title)).toEqual(titles)
        expect(nodes.map(({ raw }) => raw.title)).toEqual(titles)
      }
      check(await tested.answer(query))
      const byGet = await fetch(`${tested.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { 'apollo-require-preflight': '1' },
      })
      check(JSON.parse(await byGet.text()))
      for (const subscribe of [subscribeOverSocket, subscribeOverEvents]) {
        const stream = subscribe(tested.url, query)
        const [message] = await stream.receive(1)
        check(message)
        stream.close()
      }
      return '3 titles and raw records by POST, GET, SSE and WebSocket'
    },
  )
}
