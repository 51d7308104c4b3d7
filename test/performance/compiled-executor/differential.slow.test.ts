import fc from 'fast-check'
import {
  buildSchema,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { expect, test } from 'vitest'
import { createCompiledExecutor } from '../../../src/performance/compiled-executor/executor.ts'
import { randomOperation, seededDraw } from '../../support/operations/random-operation.ts'
import { expectSameAnswer } from '../../support/operations/same-answer.ts'

// A schema of every kind of position, over values that go wrong in every way.
const sdl = `
  interface Node { id: ID! peer: Node }
  interface Named implements Node { id: ID! peer: Node name: String }
  union Any = Person | Dog
  enum Mood { HAPPY SAD }
  scalar Json
  type Person implements Named & Node {
    id: ID! peer: Node name: String! age: Int height: Float! happy: Boolean! mood: Mood moods: [Mood!]! data: Json
    friends(first: Int = 2, near: Near): [Person!] pets: [Dog]! matrix: [[Int!]]! any: Any anys: [Any!] late: String lateNonNull: String!
  }
  type Dog implements Node { id: ID! peer: Node owner: Person! barks: [Boolean]! friends: [Dog] }
  input Near { x: Float! mood: Mood = SAD tags: [String!] near: Near }
  type Query { me: Person! maybe(near: Near): Person any: Any! node(id: ID): Node nodes: [Node]! people: [Person!]! dogs: [Dog!] }
  type Mutation { first: Person second: Person! third: [Dog] }
`

type Fate = 'value' | 'null' | 'throw' | 'error' | 'wrong'
interface Fixture {
  /** A number from 0 to 99 that depends on nothing but the place. */
  roll(place: string): number
  readonly promises: boolean
}

/** Half of the fields have resolvers, the others are properties or methods of what their parent's resolver gave. */
function tortureSchema(): GraphQLSchema {
  const schema = buildSchema(sdl)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) {
      type.resolveType = (value: { type?: string; typeIsLate?: boolean }) => {
        if (value.type === 'Thrown') throw new Error('no type')
        return value.typeIsLate ? Promise.resolve(value.type) : value.type
      }
    }
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    if (type.name === 'Dog') type.isTypeOf = (value: { type?: string }) => value.type !== 'Cat'
    const isRoot = type.name === 'Query' || type.name === 'Mutation'
    for (const [index, field] of Object.values(type.getFields()).entries()) {
      if (!isRoot && index % 2 === 0) continue
      field.resolve = (source: { place?: string } | undefined, args, fixture: Fixture) =>
        made(field.type, `${source?.place ?? ''}/${field.name}${JSON.stringify(args)}`, fixture, schema, 0)
    }
  }
  return schema
}

function fateOf(roll: number): Fate {
  if (roll < 5) return 'throw'
  if (roll < 12) return 'null'
  if (roll < 14) return 'error'
  return roll < 17 ? 'wrong' : 'value'
}

function made(type: GraphQLOutputType, place: string, fixture: Fixture, schema: GraphQLSchema, depth: number): unknown {
  const fate = fateOf(fixture.roll(`${place} fate`))
  // graphql-js leaves a failing item unheard when a later item of its list throws at once: there, all of them are promises.
  const late = fixture.promises && (place.endsWith('!') || fixture.roll(`${place} late`) < 30)
  if (fate === 'throw' && late) return unread(Promise.reject(new Error(`late failure at ${place}`)))
  if (fate === 'throw') throw new Error(`failure at ${place}`)
  const value = plainValue(type, fate, place, fixture, schema, depth)
  return late ? Promise.resolve(value) : value
}

/** A promise that the operation may never await: its rejection is handled here. */
function unread(promise: Promise<unknown>): Promise<unknown> {
  promise.catch(() => undefined)
  return promise
}

function plainValue(
  type: GraphQLOutputType,
  fate: Fate,
  place: string,
  fixture: Fixture,
  schema: GraphQLSchema,
  depth: number,
): unknown {
  if (fate === 'error') return new Error(`error at ${place}`)
  if (fate === 'null') return fixture.roll(`${place} null`) < 50 ? null : undefined
  // Not a function for Json, which JSON itself leaves out.
  if (fate === 'wrong')
    return [{}, 'text', 1.5, Number.NaN, [], String(type).includes('Json') ? 0 : () => 'called'][
      fixture.roll(`${place} wrong`) % 6
    ]
  if (isNonNullType(type)) return plainValue(type.ofType, fate, place, fixture, schema, depth)
  if (isListType(type)) {
    const items = Array.from({ length: fixture.roll(`${place} length`) % 4 }, (_, index) =>
      item(type.ofType, `${place}#${index}${isNonNullType(type.ofType) ? '!' : ''}`),
    )
    return fixture.roll(`${place} set`) < 10 ? new Set(items) : items
  }
  if (isAbstractType(type)) {
    const names = [...schema.getPossibleTypes(type).map(({ name }) => name), 'Cat', 'Query', 'Mood', 'Thrown', undefined]
    return objectOf(
      fixture.roll(`${place} odd`) < 85
        ? names[fixture.roll(`${place} type`) % 2]
        : names[fixture.roll(`${place} type`) % names.length],
    )
  }
  if (isObjectType(type)) return objectOf(fixture.roll(`${place} cat`) < 4 ? 'Cat' : type.name)
  const roll = fixture.roll(`${place} leaf`)
  if (isEnumType(type)) return roll < 90 ? type.getValues()[roll % 2]!.value : 'ANGRY'
  if (type.name === 'Int') return roll - 50
  if (type.name === 'Float') return roll / 7
  if (type.name === 'Boolean') return roll < 50
  if (type.name === 'Json') return [{ a: [1, 'ü'] }, 'text', 0, true, [null]][roll % 5]
  return ['plain', 'with "quotes" and \\', 'tab\tand\u0000', '\ud800 alone', 'Ünïcödé 😀', 7][roll % 6]

  function item(of: GraphQLOutputType, at: string): unknown {
    try {
      return made(of, at, fixture, schema, depth)
    } catch (error) {
      return error
    }
  }
  function objectOf(name: string | undefined): unknown {
    const object: Record<string, unknown> = {
      place,
      type: name,
      typeIsLate: fixture.promises && fixture.roll(`${place} lateType`) < 20,
    }
    const objectType = schema.getType(name ?? '')
    if (!isObjectType(objectType) || depth > 3) return object
    for (const field of Object.values(objectType.getFields())) {
      if (field.resolve) continue
      const at = `${place}.${field.name}`
      if (fixture.roll(`${at} method`) < 20) {
        object[field.name] = (args: unknown) => made(field.type, at + JSON.stringify(args), fixture, schema, depth + 1)
      } else object[field.name] = property(field.type, at)
    }
    return object
  }
  function property(of: GraphQLOutputType, at: string): unknown {
    try {
      return made(of, at, fixture, schema, depth + 1)
    } catch (error) {
      return error
    }
  }
}

function worldOf(seed: number, promises: boolean): Fixture {
  return {
    promises,
    roll(place) {
      let hash = seed
      for (let index = 0; index < place.length; index++) hash = Math.imul(hash ^ place.charCodeAt(index), 16777619)
      hash ^= hash >>> 15
      return (Math.imul(hash, 2246822519) >>> 8) % 100
    },
  }
}

const schema = tortureSchema()
const executor = createCompiledExecutor(schema)

test.each([
  ['query', false],
  ['query', true],
  ['mutation', true],
] as const)(
  'a plan answers any %s over values that fail in every way as graphql-js does (promises: %s)',
  async (kind, promises) => {
    let compiled = 0
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer(), fc.integer({ min: 1, max: 4 }), async (shape, seed, depth) => {
        const operation = randomOperation(schema, seededDraw(shape), { kind, depth })
        const fixture = worldOf(seed, promises)
        if (
          await expectSameAnswer({
            schema,
            executor,
            operation,
            newContext: () => fixture,
            synchronous: !promises && kind === 'query',
          })
        )
          compiled += 1
      }),
      { numRuns: 1_000 },
    )
    expect(compiled).toBeGreaterThan(500)
  },
  120_000,
)
