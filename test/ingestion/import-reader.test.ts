import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openImportFile } from '../../src/ingestion/import-reader.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskgraph-reader-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** More than two reads of the disk, with characters of one to four bytes. */
const long = '{"text":"aä€😀"}\n'.repeat(12_000)
const utf16 = (text: string, order: 'le' | 'be') => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
async function read(path: string, start = 0, end: number | null = null): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of (await openImportFile(path, 's')).read(start, end)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a file is read as UTF-8', () => {
  // FF FE and FE FF are the marks of UTF-16 (Unicode, section 23.8), 1F 8B is that of gzip (RFC 1952, section 2.3.1).
  test.each<[string, (text: string) => string | Buffer]>([
    ['as it is', (text) => text],
    ['from UTF-16 with the lower byte first', (text) => utf16(text, 'le')],
    ['from UTF-16 with the higher byte first', (text) => utf16(text, 'be')],
    ['from gzip', (text) => gzipSync(text)],
    ['from gzip in several members', (text) => Buffer.concat([gzipSync(text.slice(0, 17)), gzipSync(text.slice(17))])],
    ['from UTF-16 in gzip', (text) => gzipSync(utf16(text, 'be'))],
  ])('%s, from any offset to any other', async (name, encode) => {
    const path = await fileOf(name, encode(long))
    const bytes = Buffer.from(long)
    expect((await openImportFile(path, 's')).head.equals(bytes.subarray(0, 65_536))).toBe(true)
    for (const [start, end] of [
      [0, null],
      [9, 12],
      [65_530, 65_560],
      [100_000, null],
      [bytes.length, null],
      [5, 5],
    ] as const) {
      expect(await read(path, start, end)).toBe(bytes.subarray(start, end ?? undefined).toString())
    }
  })

  test('with its mark, which belongs to no record', async () => {
    expect(await read(await fileOf('bom.json', '\ufeff{}'))).toBe('\ufeff{}')
  })
})

describe('a file is refused with a reason where it is', () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    ['a directory', () => mkdir(join(folder, 'directory')).then(() => join(folder, 'directory')), /^it is a directory/],
    ['no file', async () => '/dev/null', /^it is not a file/],
    ['empty', () => fileOf('empty', ''), /^it is empty\.$/],
    ['UTF-16 without a mark', () => fileOf('unmarked', Buffer.from('{"a":1}', 'utf16le')), /^it is not JSON text/],
    ['UTF-32', () => fileOf('utf32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0])), /^it is not JSON text/],
    // APPNOTE.TXT, section 4.3.7: a ZIP file begins with PK, 3, 4 and the version 20, 0.
    ['an archive', () => fileOf('zip', Buffer.from('504b0304140000000800', 'hex')), /^it is not JSON text/],
    [
      'gzip that breaks off',
      () => fileOf('short.gz', gzipSync(long).subarray(0, 300)),
      /^its gzip data is damaged or incomplete \(Z_BUF_ERROR\)\.$/,
    ],
    [
      'gzip with a wrong byte',
      () => fileOf('bad.gz', Buffer.from([...gzipSync(long).subarray(0, 10), 255, 255, 255, 255])),
      /^its gzip data/,
    ],
  ])('%s', async (_name, create, message) => {
    const path = await create()
    await expect(read(path)).rejects.toMatchObject({ name: 'ImportProblem', message: expect.stringMatching(message) })
  })

  test('missing, below a file, or a link to itself: with the error of the system', async () => {
    const file = await fileOf('plain', '{}')
    const loop = join(folder, 'loop')
    await symlink(loop, loop)
    for (const [path, code] of [
      [join(folder, 'nowhere'), 'ENOENT'],
      [join(file, 'x'), 'ENOTDIR'],
      [loop, 'ELOOP'],
    ] as const) {
      await expect(openImportFile(path, 's')).rejects.toMatchObject({ code })
    }
  })
})

describe('the digest of a file', () => {
  const digestOf = async (path: string, sourceKey = 's') => (await openImportFile(path, sourceKey)).digest

  test('is the same for the same file, in hex', async () => {
    const path = await fileOf('same', '{"a":1}')
    expect(await digestOf(path)).toMatch(/^[\da-f]{64}$/)
    expect(await digestOf(path)).toBe(await digestOf(path))
  })

  test('is another one for another source, path, size or beginning', async () => {
    const first = await fileOf('first', long)
    const digests = [
      await digestOf(first),
      await digestOf(first, 't'),
      await digestOf(await fileOf('copy', long)),
      await digestOf(await fileOf('first', `${long}\n`)),
      await digestOf(await fileOf('first', `[${long.slice(1)}`)),
    ]
    expect(new Set(digests).size).toBe(5)
  })
})

describe('the position in a file', () => {
  test('is what was read of it on the disk: of UTF-8 only the part that was asked for', async () => {
    const path = await fileOf('part', long)
    const reader = await openImportFile(path, 's')
    const readPart = async (start: number, end: number | null) => {
      for await (const _ of reader.read(start, end));
      return reader.position()
    }
    const { size } = await stat(path)
    expect(reader.size).toBe(size)
    expect(await readPart(100_000, 100_010)).toBe(10)
    expect(await readPart(0, null)).toBe(size)
  })

  test('of a packed file is that of its packed bytes', async () => {
    const packed = gzipSync(long)
    const reader = await openImportFile(await fileOf('packed.gz', packed), 's')
    for await (const _ of reader.read(0));
    expect([reader.size, reader.position()]).toEqual([packed.length, packed.length])
  })
})

describe('UTF-16', () => {
  test('keeps a character whose two halves are in two reads of the disk', async () => {
    // The mark and 32,766 letters have 65,534 bytes; a read has 65,536, and the character four.
    const text = `${'x'.repeat(32_766)}\u{1f600}y`
    expect(await read(await fileOf('halves', utf16(text, 'le')))).toBe(text)
  })

  test('that ends within a character ends with U+FFFD', async () => {
    expect(await read(await fileOf('odd', Buffer.concat([utf16('{}', 'le'), Buffer.of(0x7b)])))).toBe('{}\ufffd')
  })
})

test('a packed file that is gone while it is read fails with the error of the system', async () => {
  const path = await fileOf('gone.gz', gzipSync(long))
  const reader = await openImportFile(path, 's')
  await rm(path)
  await expect(reader.read(0)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ENOENT' })
})
