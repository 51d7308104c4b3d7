import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  print,
} from 'graphql'

/** A whole number from 0 to `most`, both included. */
export type Draw = (most: number) => number

/** The same draws for the same seed. */
export function seededDraw(seed: number): Draw {
  let state = seed
  return (most) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % (most + 1)
  }
}

export interface RandomOperation {
  readonly text: string
  readonly variables: Record<string, unknown>
}

export interface OperationChoices {
  readonly kind: 'query' | 'mutation'
  /** Levels of fields. */
  readonly depth: number
  /** Fields that are never selected, as Type.field. */
  readonly without?: readonly string[]
  /** Values that an argument or input field (by its name) may take; others are made from their type. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>
}

/** A valid operation over the schema: aliases, merged fields, fragments, @skip and @include, arguments and variables. */
export function randomOperation(schema: GraphQLSchema, draw: Draw, choices: OperationChoices): RandomOperation {
  const chance = (percent: number) => draw(99) < percent
  const pick = <T>(list: readonly T[]): T => list[draw(list.length - 1)]!
  const definitions: string[] = []
  const variables: Record<string, unknown> = {}
  const fragments: string[] = []

  function variable(type: string, value: unknown): string {
    const name = `v${definitions.length}`
    definitions.push(`$${name}: ${type}`)
    variables[name] = value
    return `$${name}`
  }
  function directives(): string {
    if (!chance(15)) return ''
    const value = draw(1) === 1
    return ` @${pick(['skip', 'include'])}(if: ${chance(60) ? variable('Boolean!', value) : value})`
  }
  function selections(type: GraphQLNamedType, depth: number): string {
    const parts: string[] = []
    const count = 1 + draw(4)
    for (let i = 0; i < count; i++) parts.push(selection(type, depth))
    // One that no directive can leave out.
    return `{ ${parts.join(' ')} ${chance(20) ? 'kind: __typename' : '__typename'} }`
  }
  function selection(type: GraphQLNamedType, depth: number): string {
    if (isAbstractType(type) && chance(50)) return fragment(pick(schema.getPossibleTypes(type)), depth, true)
    if (chance(12)) return fragment(type, depth, chance(50))
    const fields = fieldsOf(type).filter((field) => depth > 1 || isLeafType(getNamedType(field.type)))
    return fields.length === 0 ? '__typename' : fieldText(pick(fields), depth)
  }
  function fragment(type: GraphQLNamedType, depth: number, withType: boolean): string {
    const body = selections(type, depth)
    if (chance(60)) return `...${withType ? ` on ${type.name}` : ''}${directives()} ${body}`
    const name = `F${fragments.length}`
    fragments.push(`fragment ${name} on ${type.name} ${body}`)
    return `...${name}${directives()}`
  }
  function fieldsOf(type: GraphQLNamedType): GraphQLField<unknown, unknown>[] {
    if (!('getFields' in type)) return []
    const fields = Object.values(type.getFields()) as GraphQLField<unknown, unknown>[]
    return fields.filter((field) => !choices.without?.includes(`${type.name}.${field.name}`))
  }
  function fieldText(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args.flatMap((arg) => argumentText(arg))
    const below = getNamedType(field.type)
    // The same field with other arguments cannot be merged: every use of one with arguments has a name of its own.
    const alias = args.length > 0 || chance(10) ? `a${draw(1_000_000)}: ` : ''
    const body = isLeafType(below) ? '' : ` ${selections(below, depth - 1)}`
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${directives()}${body}`
  }
  function argumentText(arg: GraphQLArgument): string[] {
    const required = isNonNullType(arg.type) && arg.defaultValue === undefined
    if (!required && chance(50)) return []
    const value = inputValue(arg.type, arg.name, 3)
    const node = astFromValue(value, arg.type)
    return [`${arg.name}: ${node && chance(50) ? print(node) : variable(String(arg.type), value)}`]
  }
  function inputValue(type: GraphQLInputType, name: string, depth: number): unknown {
    if (!isNonNullType(type) && chance(15)) return null
    const known = choices.values?.[name]
    const bare = getNullableType(type)
    if (known && !isListType(bare)) return pick(known)
    if (isListType(bare)) return depth < 1 ? [] : [inputValue(bare.ofType, name, depth - 1)]
    if (isEnumType(bare)) return pick((bare as GraphQLEnumType).getValues()).name
    if (!isInputObjectType(bare)) return scalarValue(bare.name)
    const value: Record<string, unknown> = {}
    for (const field of Object.values(bare.getFields())) {
      const required = isNonNullType(field.type) && field.defaultValue === undefined
      if (required || (depth > 0 && chance(25))) value[field.name] = inputValue(field.type, field.name, depth - 1)
    }
    return value
  }
  function scalarValue(name: string): unknown {
    if (name === 'Int') return draw(21) - 1
    if (name === 'Float') return (draw(18) - 9) / 2
    if (name === 'Boolean') return draw(1) === 1
    if (name === 'DateTime') return '2024-02-15T14:46:46.000Z'
    if (name === 'URL') return 'https://example.com/a'
    if (name === 'EmailAddress') return 'ada@example.com'
    return pick(['', 'a', 'ü"\\\n\u2028', 'x'.repeat(40)])
  }

  const rootType = choices.kind === 'query' ? schema.getQueryType()! : schema.getMutationType()!
  const body = selections(rootType, choices.depth)
  const head = definitions.length > 0 ? `(${definitions.join(', ')})` : ''
  return { text: `${choices.kind} Random${head} ${body}\n${fragments.join('\n')}`, variables }
}
