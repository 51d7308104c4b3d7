import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Why a file cannot be imported. The message is for operators and does not name the file. */
export class ImportProblem extends Error {
  override readonly name = 'ImportProblem'
}

/** A file of events as a stream of UTF-8: unpacked where it is gzip, translated where it is UTF-16. Offsets count its bytes. */
export interface ImportReader {
  /** How many bytes the file has on the disk. */
  readonly size: number
  /** The beginning of the stream: 64 kB, or all of it. */
  readonly head: Buffer
  /** Names the file as it is: another source, path, size or beginning makes it another file. */
  readonly digest: string
  /**
   * Reads from an offset to another one, or to the end. Of a file that is not UTF-8 on the disk, everything before the offset is read
   * too. Throws ImportProblem where the packed data is damaged.
   */
  read(start: number, end?: number | null): AsyncIterable<Buffer>
  /** How many bytes of the file the last `read` has read: for the progress. */
  position(): number
}

const headBytes = 64 * 1024

/** Throws ImportProblem for what is no file of text, and the system's error for a file that cannot be read. */
export async function openImportFile(path: string, sourceKey: string): Promise<ImportReader> {
  const realPath = await realpath(path)
  const status = await stat(realPath)
  if (status.isDirectory()) throw new ImportProblem('it is a directory. Name the files in it.')
  if (!status.isFile()) throw new ImportProblem('it is not a file. Save it to a file: an import reads parts of it twice.')
  if (status.size === 0) throw new ImportProblem('it is empty.')
  await using file = await open(realPath)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  const diskHead = buffer.subarray(0, bytesRead)
  const digest = createHash('sha256')
    .update(JSON.stringify([sourceKey, realPath, status.size]))
    .update(diskHead)
    .digest('hex')
  const source = new ImportFile(realPath, diskHead)
  const head = await readHead(source)
  // JSON begins with ASCII (RFC 4627, section 3): a NUL there is UTF-16 without its mark, an archive, or a table.
  if (head.subarray(0, 16).includes(0)) throw new ImportProblem('it is not JSON text. Save it as JSON or NDJSON in UTF-8.')
  return {
    size: status.size,
    head,
    digest,
    read: (start, end = null) => source.read(start, end),
    position: () => source.position,
  }
}

async function readHead(source: ImportFile): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of source.read(0, headBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** RFC 1952, section 2.3.1. */
const gzipMagic = Buffer.from([0x1f, 0x8b])
/** By the byte order mark (RFC 3629, section 6, and Unicode, section 23.8): a shell on Windows writes one. */
const wideEncodings: ReadonlyMap<string, string> = new Map([
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
])

class ImportFile {
  readonly #path: string
  readonly #isPacked: boolean
  readonly #isUtf8: boolean
  #stream: ReadStream | null = null

  constructor(path: string, diskHead: Buffer) {
    this.#path = path
    this.#isPacked = diskHead.subarray(0, 2).equals(gzipMagic)
    this.#isUtf8 = !this.#isPacked && !wideEncodings.has(diskHead.subarray(0, 2).toString('hex'))
  }

  get position(): number {
    return this.#stream?.bytesRead ?? 0
  }

  async *read(start: number, end: number | null): AsyncGenerator<Buffer> {
    if (end !== null && end <= start) return
    if (this.#isUtf8) {
      this.#stream = createReadStream(this.#path, { start, ...(end !== null && { end: end - 1 }), highWaterMark: headBytes })
      yield* this.#stream as AsyncIterable<Buffer>
      return
    }
    let offset = 0
    for await (const chunk of this.#decode()) {
      const [from, to] = [Math.max(0, start - offset), end === null ? chunk.length : Math.min(chunk.length, end - offset)]
      offset += chunk.length
      if (to > from) yield chunk.subarray(from, to)
      if (end !== null && offset >= end) return
    }
  }

  async *#decode(): AsyncGenerator<Buffer> {
    let decoder: InstanceType<typeof TextDecoder> | null | undefined
    for await (const chunk of this.#unpack()) {
      if (decoder === undefined) {
        const encoding = wideEncodings.get(chunk.subarray(0, 2).toString('hex'))
        decoder = encoding === undefined ? null : new TextDecoder(encoding)
      }
      yield decoder === null ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }))
    }
    if (decoder) yield Buffer.from(decoder.decode())
  }

  async *#unpack(): AsyncGenerator<Buffer> {
    this.#stream = createReadStream(this.#path, { highWaterMark: headBytes })
    if (!this.#isPacked) return yield* this.#stream as AsyncIterable<Buffer>
    try {
      // The errors of both streams come out of the iteration.
      yield* pipeline(this.#stream, createGunzip({ chunkSize: headBytes }), () => {}) as AsyncIterable<Buffer>
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (!code.startsWith('Z_')) throw error
      throw new ImportProblem(`its gzip data is damaged or incomplete (${code}).`, { cause: error })
    }
  }
}
