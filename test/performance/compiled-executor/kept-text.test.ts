import { setImmediate as nextTurn } from 'node:timers/promises'
import { buildSchema, type GraphQLObjectType, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { stringifyResult } from '../../../src/graphql/stringify.ts'
import { createExecutor } from '../../../src/performance/compiled-executor/executor.ts'
import { steadyField } from '../../../src/performance/compiled-executor/steady.ts'

const names = Array.from('abcdefghijklm')
const schema = buildSchema(`
  interface Node { id: ID! }
  type Thing implements Node { id: ID! ${names.map((name) => `${name}: String`).join(' ')} secret: String other(of: Int): String }
  type Query { things: [Thing!]! }
`)
const thing = schema.getType('Thing') as GraphQLObjectType
const { secret, other } = thing.getFields()
secret!.resolve = (source, _args, { viewer }) => (viewer.trusted ? source.secret : null)
secret!.extensions = { [steadyField]: true }
other!.resolve = (source, { of }) => `${source.id}${of}`

const query = (selection: string) => parse(`{ things { ${selection} } }`, { noLocation: true })
const plain = query(`id ${names.join(' ')} secret`)
const mixed = query(`id ${names.join(' ')} other(of: 1) secret`)

interface Viewer {
  readonly trusted: boolean
}

/** Counts how often a property is read. */
function createThings(overrides: Record<string, unknown> = {}) {
  const reads = { count: 0 }
  const first = {
    id: '1',
    ...Object.fromEntries(names.map((name) => [name, `${name} of 1`])),
    secret: 'hidden',
    ...overrides,
    get a() {
      reads.count += 1
      return 'a of 1'
    },
  }
  return { reads, things: [first] }
}

describe('keepText', () => {
  const executor = createExecutor(schema, (context) => (context as { viewer: Viewer }).viewer)
  const run = async (document: ReturnType<typeof query>, viewer: Viewer, things: readonly object[]) => {
    const executed = await executor.execute({ document, context: { viewer }, rootValue: { things } })
    return JSON.parse(stringifyResult(executed as never)) as { data: { things: Record<string, unknown>[] }; errors?: unknown[] }
  }
  const trusted: Viewer = { trusted: true }

  it.each([
    ['a whole selection', plain],
    ['the steady part of a selection', mixed],
  ])('gives the same person the text of the same object again: %s', async (_, document) => {
    const { reads, things } = createThings()
    const first = await run(document, trusted, things)
    expect(await run(document, trusted, things)).toEqual(first)
    expect(first.data.things[0]).toMatchObject({ id: '1', a: 'a of 1', m: 'm of 1', secret: 'hidden' })
    expect(reads.count).toBe(1)
  })

  it('keeps the order of the fields', async () => {
    const { things } = createThings()
    const { data } = await run(mixed, trusted, things)
    expect(Object.keys(data.things[0]!)).toEqual(['id', ...names, 'other', 'secret'])
  })

  it('gives nobody the text of another', async () => {
    const { things } = createThings()
    await run(plain, trusted, things)
    expect((await run(plain, { trusted: false }, things)).data.things[0]).toMatchObject({ secret: null })
    expect((await run(plain, { trusted: true }, things)).data.things[0]).toMatchObject({ secret: 'hidden' })
  })

  it('reads an equal but different object', async () => {
    await run(plain, trusted, createThings().things)
    const changed = createThings({ b: 'changed' })
    expect((await run(plain, trusted, changed.things)).data.things[0]).toMatchObject({ b: 'changed' })
  })

  it('forgets with the turn', async () => {
    const { reads, things } = createThings()
    await run(plain, trusted, things)
    await nextTurn()
    await nextTurn()
    await run(plain, trusted, things)
    expect(reads.count).toBe(2)
  })

  it('keeps nothing that had an error or is still to come', async () => {
    const failing = createThings({ b: { not: 'a text' } })
    const first = await run(plain, trusted, failing.things)
    expect(first.errors).toHaveLength(1)
    expect(await run(plain, trusted, failing.things)).toEqual(first)
    const later = createThings({ b: Promise.resolve('late') })
    expect((await run(plain, trusted, later.things)).data.things[0]).toMatchObject({ b: 'late' })
    expect((await run(plain, trusted, later.things)).data.things[0]).toMatchObject({ b: 'late' })
    expect(later.reads.count).toBe(2)
  })

  it('keeps nothing where the executor is told of nobody', async () => {
    const silent = createExecutor(schema)
    const { reads, things } = createThings()
    const request = { document: plain, context: { viewer: trusted }, rootValue: { things } }
    await silent.execute(request)
    await silent.execute(request)
    expect(reads.count).toBe(2)
  })
})
