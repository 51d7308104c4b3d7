import type { IncomingMessage } from 'node:http'
import { DeskgraphError } from '../../domain/errors.ts'

const exactJson = /^application\/json(?:\s*;\s*charset="?utf-?8"?)?\s*$/i

/** Refuses what is not JSON in UTF-8, or is compressed: a small compressed body can hold gigabytes. */
export function checkMedia(request: IncomingMessage): void {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers
  if (type === undefined || !exactJson.test(type)) {
    throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.')
  }
  if (encoding !== undefined && encoding !== 'identity') {
    throw new DeskgraphError('UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed.')
  }
}

/** The whole body as text; PAYLOAD_TOO_LARGE as soon as it is over `maxBytes`, without reading on. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) {
        request.pause()
        reject(tooLarge(maxBytes))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]!.toString('utf8') : Buffer.concat(chunks).toString('utf8')))
    request.on('error', () => reject(new DeskgraphError('BAD_REQUEST', 'The body ended before it was complete.')))
  })
}

function tooLarge(maxBytes: number): DeskgraphError {
  return new DeskgraphError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes.`)
}

/** Throws BAD_REQUEST where the text is not JSON; the message says nothing of the text itself. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new DeskgraphError('BAD_REQUEST', 'The body is not valid JSON.')
  }
}
