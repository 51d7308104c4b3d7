import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { toMultipart } from '../../src/sources/file-upload.ts'

const fileOf = (filename: string, size: number | null = 5) => ({
  ...{ filename, contentType: 'image/png', size },
  body: Readable.from([Buffer.from('by'), Buffer.from('tes')]),
})

describe('a file in a form', () => {
  it('is what a reader of forms finds in it, with its name and type, and has the length that it says', async () => {
    const form = toMultipart(fileOf('Grüße "1"\r\nx: y.png'), 'file')
    const bytes = await buffer(form.body)
    expect(form.size).toBe(bytes.length)
    const read = await new Response(new Uint8Array(bytes), { headers: { 'content-type': form.contentType! } }).formData()
    const file = read.get('file') as File
    expect([[...read.keys()], file.type, await file.text()]).toEqual([['file'], 'image/png', 'bytes'])
    expect(decodeURIComponent(file.name)).toBe('Grüße "1"\r\nx: y.png')
  })

  it('has no length where that of the file is not known', () => {
    expect(toMultipart(fileOf('a.png', null), 'file').size).toBeNull()
  })

  it('fails where the file breaks off', async () => {
    const broken = new Readable({ read() {} })
    const form = toMultipart({ ...fileOf('a.png'), body: broken }, 'file')
    const read = buffer(form.body)
    broken.push('by')
    broken.destroy(new Error('the caller left'))
    await expect(read).rejects.toThrow('the caller left')
  })
})
