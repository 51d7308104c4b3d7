/** What carries bodies to clients over WebSocket, as bytes. */
export interface NextFrames {
  /** A text frame with a `next` message of graphql-transport-ws for each of the bodies, which are JSON text, in their order. */
  of(id: string, bodies: readonly string[]): Buffer
}

/** The frames of some bodies, and of whatever else begins with them. */
interface Branch {
  readonly frames: Buffer
  readonly longer: Map<string, Branch>
}

/**
 * Most subscribers get the same bodies in one turn of the event loop, and most clients number their operations alike: their frames are
 * written once, and the same bytes go to all of them.
 */
export function createNextFrames(): NextFrames {
  let byId = new Map<string, Branch>()

  const forget = (): void => {
    byId = new Map()
  }
  const begin = (id: string): Branch => {
    if (byId.size === 0) setImmediate(forget)
    const branch = { frames: Buffer.alloc(0), longer: new Map() }
    byId.set(id, branch)
    return branch
  }

  return {
    of(id, bodies) {
      let branch = byId.get(id) ?? begin(id)
      for (const body of bodies) {
        let longer = branch.longer.get(body)
        if (!longer) {
          longer = { frames: Buffer.concat([branch.frames, nextFrame(id, body)]), longer: new Map() }
          branch.longer.set(body, longer)
        }
        branch = longer
      }
      return branch.frames
    },
  }
}

function nextFrame(id: string, body: string): Buffer {
  const message = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":${body}}`)
  return Buffer.concat([textHead(message.length), message])
}

const wholeText = 0x81

/** A server's frames are not masked (RFC 6455, 5.2). */
function textHead(length: number): Buffer {
  if (length < 126) return Buffer.of(wholeText, length)
  if (length < 2 ** 16) return Buffer.of(wholeText, 126, length >> 8, length & 0xff)
  const head = Buffer.alloc(10)
  head.writeUInt16BE((wholeText << 8) | 127)
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
