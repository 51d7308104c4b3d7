import { describe, expect, it } from 'vitest'
import type { Budget } from '../../../src/sources/budget/budget.ts'
import { startVendor } from '../../support/vendor.ts'
import { reply, startDownloads, textOf } from './download-fixture.ts'
import { errorOf } from './test-client.ts'

const tooLong = {
  code: 'UPSTREAM_BAD_RESPONSE',
  source: 'acme',
  message: 'Acme sent more than is accepted.',
  cause: { sent: true },
}

describe('a file of five bytes at most', () => {
  it('may have as many, announced or not', async () => {
    for (const [name, value] of [
      ['content-length', '5'],
      ['transfer-encoding', 'chunked'],
    ]) {
      const { download } = await startDownloads(reply(200, { [name!]: value! }, 'bytes'), { fileBytes: 5 })
      expect(await textOf(await download())).toBe('bytes')
    }
  })

  it('is refused at its head where it announces more, and the source sends no more of it', async () => {
    const begin = (res: Parameters<Parameters<typeof startDownloads>[0]>[0]) =>
      void res.writeHead(200, { 'content-length': '6' }).write('b')
    const { download, vendor } = await startDownloads(begin, { fileBytes: 5 })
    expect(await errorOf(download())).toMatchObject(tooLong)
    await expect.poll(vendor.aborted).toBe(1)
  })

  it('breaks off when more than that comes', async () => {
    const { download, vendor } = await startDownloads(
      (res) => {
        res.writeHead(200).write('byt')
        res.write('es!')
      },
      { fileBytes: 5 },
    )
    expect(await errorOf(textOf(await download()))).toMatchObject(tooLong)
    await expect.poll(vendor.aborted).toBe(1)
  })

  it('that breaks off itself is UPSTREAM_BAD_RESPONSE', async () => {
    const { download } = await startDownloads((res) => {
      res.writeHead(200, { 'content-length': '5' }).write('by')
      setTimeout(() => res.destroy(), 5)
    })
    const error = await errorOf(textOf(await download()))
    expect(error).toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'Acme broke off in the middle of its answer.',
      cause: { sent: true },
    })
  })
})

describe('a source that points to another host', () => {
  const pointTo = (status: number, location: string) => reply(status, { location })
  const pointsElsewhere = {
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'Acme pointed elsewhere, which is not followed.',
    cause: { sent: true },
  }

  it.each([301, 302, 303, 307, 308])('by %i: that is asked without what names the viewer or the gateway', async (status) => {
    const store = await startVendor((_, res) => reply(200, { 'content-length': '5' }, 'bytes')(res))
    const { download, metrics } = await startDownloads(pointTo(status, `${store.url}/x?sig=1`))
    const file = await download()
    expect([file?.size, await textOf(file)]).toEqual([5, 'bytes'])
    expect(store.lines()).toEqual(['GET /x?sig=1'])
    const { host, connection, ...headers } = store.calls[0]!.headers
    expect(headers).toEqual({ accept: '*/*', 'accept-encoding': 'identity' })
    expect([host, typeof connection]).toEqual([new URL(store.url).host, 'string'])
    expect(metrics.total('upstream_calls_total')).toBe(1)
  })

  it('may be asked directly, by an absolute URL of another host, without credentials', async () => {
    const store = await startVendor((_, res) => reply(200, {}, 'bytes')(res))
    const { download, vendor } = await startDownloads(reply(200))
    expect(await textOf(await download(undefined, `${store.url}/x`))).toBe('bytes')
    expect([vendor.calls.length, store.calls.length]).toEqual([0, 1])
    expect(store.calls[0]!.headers).not.toHaveProperty('authorization')
  })

  it('may do so three times, and by a path of the host that it points to', async () => {
    const store = await startVendor(({ path }, res) => {
      const next = { '/1': '/2', '/2': '3' }[path]
      if (next) res.writeHead(302, { location: next }).end('text')
      else reply(200, {}, `bytes of ${path}`)(res)
    })
    const { download } = await startDownloads(pointTo(302, `${store.url}/1`))
    expect(await textOf(await download())).toBe('bytes of /3')
    expect(store.lines()).toEqual(['GET /1', 'GET /2', 'GET /3'])
  })

  it('a fourth time is not followed', async () => {
    const store = await startVendor(({ index }, res) => res.writeHead(302, { location: `/${index}` }).end())
    const { download } = await startDownloads(pointTo(302, `${store.url}/first`))
    expect(await errorOf(download())).toMatchObject(pointsElsewhere)
    expect(store.lines()).toEqual(['GET /first', 'GET /0', 'GET /1'])
  })

  it.each([
    ['its own sign-in page', '/login'],
    ['what is no URL', 'http://['],
    ['a host of another network', 'http://10.0.0.1:9/x'],
    ['a file of this machine', 'file:///etc/passwd'],
    ['another protocol on an allowed host', 'ftp://127.0.0.1/x'],
  ])('to %s is not followed', async (_, location) => {
    const { download, vendor, client } = await startDownloads(pointTo(302, location))
    expect(await errorOf(download())).toMatchObject(pointsElsewhere)
    expect(vendor.calls).toHaveLength(1)
    expect(client.health().lastError).toBe('UPSTREAM_BAD_RESPONSE')
  })

  it('back to itself is not followed, because that is its sign-in page', async () => {
    let back = ''
    const store = await startVendor((_, res) => res.writeHead(302, { location: `${back}/login` }).end())
    const { download, vendor } = await startDownloads(pointTo(302, store.url))
    back = vendor.url
    expect(await errorOf(download())).toMatchObject(pointsElsewhere)
    expect([vendor.calls.length, store.calls.length]).toEqual([1, 1])
  })

  it('answers for that host: its failure is one of the source', async () => {
    const closed = await startDownloads(pointTo(302, 'http://127.0.0.1:1/x'), { fileNetworks: ['127.0.0.1/32'] })
    expect(await errorOf(closed.download())).toMatchObject({ message: 'Acme could not be reached.', cause: { sent: false } })
    const failing = await startVendor((_, res) => reply(503)(res))
    const { download } = await startDownloads(pointTo(302, failing.url))
    expect(await errorOf(download())).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: 'Acme failed on its side.' })
  })

  it('is the one that the budget hears of', async () => {
    const store = await startVendor((_, res) => reply(200, {}, 'bytes')(res))
    const told: number[] = []
    const budget = { run: (_call, attempt) => attempt((status) => void told.push(status)) } as Budget
    const { download } = await startDownloads(pointTo(307, store.url), {}, { budget })
    expect(await textOf(await download())).toBe('bytes')
    expect(told).toEqual([307])
  })

  it('leaves no connection to that host open', async () => {
    const ended: string[] = []
    const store = await startVendor(({ path }, res) => {
      res.socket!.once('close', () => ended.push(path))
      reply(path === '/missing' ? 404 : 200, {}, 'bytes')(res)
    })
    const { download } = await startDownloads((res, { index }) =>
      pointTo(302, store.url + (index === 0 ? '/missing' : '/x'))(res),
    )
    expect(await download()).toBeNull()
    await textOf(await download())
    await expect.poll(() => ended).toEqual(['/missing', '/x'])
  })
})
