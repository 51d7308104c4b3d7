import { describe, expect, it } from 'vitest'
import { Base64Decoder, toBase64 } from '../../src/sources/base64-stream.ts'
import { toSourceInfo } from '../support/memory-ticket.ts'

const info = toSourceInfo('desk')

/** The bytes that a decoder gives for a JSON text in chunks of this size. */
async function decode(json: string, size: number): Promise<string> {
  const decoder = new Base64Decoder(info, 'data')
  const bytes = Buffer.from(json)
  for (let at = 0; at < bytes.length; at += size) decoder.write(bytes.subarray(at, at + size))
  decoder.end()
  const parts: Buffer[] = []
  for await (const part of decoder) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

// printf 'hello, world' | base64: aGVsbG8sIHdvcmxk
const content = 'aGVsbG8sIHdvcmxk'
const sizes = [1, 2, 3, 5, 7, 1000]

describe('a file as base64 in a JSON object', () => {
  it.each([
    ['alone', `{"data":"${content}"}`],
    ['behind other keys, with blanks', `{ "id": 7, "name": "a.txt", "data" :\n "${content}", "size": 12 }`],
    ['behind a text that looks like its key', `{"name":"\\"data\\":\\"eA==","data":"${content}"}`],
    ['with line breaks', `{"data":"aGVs\\nbG8s\\r\\nIHdv\\tcmxk\\n"}`],
    ['with blanks', '{"data":"aGVs bG8s IHdvcmxk"}'],
    ['before a text that looks like its key', `{"data":"${content}","note":"\\"data\\":\\"eA=="}`],
    ['before another text of its key', `{"data":"${content}","more":{"data":"eA=="}}`],
  ])('is decoded %s, for every division into chunks', async (_, json) => {
    for (const size of sizes) expect(await decode(json, size)).toBe('hello, world')
  })

  it('may have padding, and slashes with a backslash before them', async () => {
    // printf 'ab' | base64: YWI=   printf '???' | base64: Pz8/
    for (const size of sizes) {
      expect(await decode('{"data":"YWI="}', size)).toBe('ab')
      expect(await decode('{"data":"Pz8\\/"}', size)).toBe('???')
    }
  })

  it('may be empty', async () => {
    expect(await decode('{"data":""}', 4)).toBe('')
  })

  it.each(['{"id":7}', '{"data":null}', `{"data":"${content}`, '', '{"data2":"eA=="}'])(
    'that is not there, or breaks off, is a fault of the source: %s',
    async (json) => {
      for (const size of [1, 1000])
        await expect(decode(json, size)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', source: 'desk' })
    },
  )
})

describe('bytes as base64', () => {
  it('are the same text for every division into chunks, with padding at the end only', async () => {
    for (const [text, expected] of [
      ['hello, world', content],
      ['ab', 'YWI='],
      ['abcd', 'YWJjZA=='],
      ['', ''],
    ] as const) {
      for (const size of sizes) {
        const chunks = async function* () {
          for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
        }
        const parts: string[] = []
        for await (const part of toBase64(chunks())) parts.push(part)
        expect(parts.join('')).toBe(expected)
        expect(parts).not.toContain('')
      }
    }
  })
})
