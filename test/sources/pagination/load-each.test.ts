import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { EntityRef } from '../../../src/domain/ids.ts'
import { loadEach, loadListed, toChunks } from '../../../src/sources/pagination/load-each.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const refOf = (externalId: string, tenant = ''): EntityRef => ({ kind: 'ticket', sourceKey: 'desk', tenant, externalId })
const isOwn = ({ tenant }: EntityRef) => tenant === ''
const idOf = (result: unknown) => (result as { externalId?: string } | null)?.externalId ?? null

describe('tickets that are read one by one', () => {
  it('are in the order of the references, and each is read once', async () => {
    const asked: string[] = []
    const load = async (id: string) => {
      asked.push(id)
      return id === 'none' ? null : toTicket(info, id)
    }
    const refs = [refOf('b'), refOf('a'), refOf('b'), refOf('none')]
    expect((await loadEach(refs, { concurrency: 2, isOwn, load })).map(idOf)).toEqual(['b', 'a', 'b', null])
    expect(asked).toEqual(['b', 'a', 'none'])
  })

  it('are not asked for where the reference cannot be of this source, also with an id that is', async () => {
    const asked: string[] = []
    const load = async (id: string) => {
      asked.push(id)
      return toTicket(info, id)
    }
    const refs = [refOf('a', 'other'), refOf('a'), refOf('z', 'other')]
    expect((await loadEach(refs, { concurrency: 2, isOwn, load })).map(idOf)).toEqual([null, 'a', null])
    expect(asked).toEqual(['a'])
  })

  it('are read so many at once', async () => {
    const state = { active: 0, most: 0 }
    const load = async (id: string) => {
      state.active += 1
      state.most = Math.max(state.most, state.active)
      await new Promise((resolve) => setImmediate(resolve))
      state.active -= 1
      return toTicket(info, id)
    }
    const refs = ['1', '2', '3', '4', '5', '6', '7'].map((id) => refOf(id))
    expect((await loadEach(refs, { concurrency: 3, isOwn, load })).map(idOf)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(state.most).toBe(3)
  })

  it('fail by themselves where the source fails, and all together where the code does', async () => {
    const fault = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'The desk does not answer.', { source: 'desk' })
    const load = (error: Error) => async (id: string) => {
      if (id === 'bad') throw error
      return toTicket(info, id)
    }
    const refs = [refOf('a'), refOf('bad')]
    expect(await loadEach(refs, { concurrency: 2, isOwn, load: load(fault) })).toMatchObject([{ externalId: 'a' }, fault])
    await expect(loadEach(refs, { concurrency: 2, isOwn, load: load(new TypeError('a defect')) })).rejects.toThrow('a defect')
  })
})

describe('tickets that are read by lists', () => {
  it('are in the order of the references, and each is asked for once', async () => {
    const asked: (readonly string[])[] = []
    const list = async (ids: readonly string[]) => {
      asked.push(ids)
      return ids
        .filter((id) => id !== 'none')
        .map((id) => toTicket(info, id))
        .reverse()
    }
    const refs = [refOf('c'), refOf('a', 'other'), refOf('b'), refOf('none'), refOf('c'), refOf('a')]
    expect((await loadListed(refs, { size: 2, isOwn, list })).map(idOf)).toEqual(['c', null, 'b', null, 'c', 'a'])
    expect(asked).toEqual([
      ['c', 'b'],
      ['none', 'a'],
    ])
  })

  it('cost no call where there are none', async () => {
    const list = () => Promise.reject(new Error('not needed'))
    expect(await loadListed([refOf('a', 'other')], { size: 2, isOwn, list })).toEqual([null])
  })
})

it('a list is cut into chunks of a size, the last one shorter', () => {
  expect(toChunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(toChunks([1, 2], 2)).toEqual([[1, 2]])
  expect(toChunks([], 2)).toEqual([])
})
