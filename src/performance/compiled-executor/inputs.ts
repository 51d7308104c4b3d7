import {
  type FieldNode,
  GraphQLBoolean,
  type GraphQLField,
  GraphQLID,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLSchema,
  GraphQLString,
  getNullableType,
  isInputType,
  isNonNullType,
  type TypeNode,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import type { ExecutionState, FieldNodeInfo } from './execution-state.ts'

// graphql-js coerces variables and arguments. A string or number for a variable of that type, which nearly every operation sends, needs no
// coercion. The coercion of graphql-js costs as much as a look-up in a loader.

type Values = Record<string, unknown>

/** Compiles the coercion of an operation's variables. The function returns null for variables that do not fit. */
export function compileVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (sent: Readonly<Values>) => Values | null {
  const usual = definitions.map((definition) => ({ name: definition.variable.name.value, take: takeUsual(schema, definition) }))
  return (sent) => {
    const values: Values = {}
    for (const { name, take } of usual) {
      const value = sent[name]
      if (!take(value)) return getVariableValues(schema, definitions, sent).coerced ?? null
      if (value !== undefined) values[name] = value
    }
    return values
  }
}

/** Whether a value needs no coercion. An inherited property, such as `constructor`, always does. */
function takeUsual(schema: GraphQLSchema, { variable, type, defaultValue }: VariableDefinitionNode): (value: unknown) => boolean {
  const known = inputTypeOf(schema, type)
  const isUsual = known && usualValues.get(getNullableType(known))
  // Assigning to `__proto__` sets the prototype and no property.
  if (!isUsual || variable.name.value === '__proto__') return () => false
  const nullable = !isNonNullType(known)
  return (value) => isUsual(value) || (nullable && (value === null || (value === undefined && !defaultValue)))
}

function inputTypeOf(schema: GraphQLSchema, node: TypeNode): GraphQLInputType | null {
  // The function is declared once for each kind of node.
  const type = typeFromAST(schema, node as never)
  return isInputType(type) ? type : null
}

const isText = (value: unknown) => typeof value === 'string'
const usualValues = new Map<unknown, (value: unknown) => boolean>([
  [GraphQLString, isText],
  [GraphQLID, isText],
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
])

const noArguments: Values = Object.freeze({})

/** Compiles the arguments of a field. The function throws the error of graphql-js for arguments that do not fit. */
export function compileArguments({ field, nodes }: FieldNodeInfo): (state: ExecutionState) => Values {
  const node = nodes[0]!
  if (field.args.length === 0) return () => noArguments
  const sources = sourcesOf(field, node)
  if (!sources) return ({ variables }) => getArgumentValues(field, node, variables)
  return ({ variables }) => {
    const values: Values = {}
    for (const { name, variable, constant } of sources) {
      const value = variable === null ? constant : variables[variable]
      // Absent or null: the type of the argument decides.
      if (value == null && variable !== null) return getArgumentValues(field, node, variables)
      values[name] = value
    }
    return values
  }
}

interface ArgumentSource {
  readonly name: string
  readonly variable: string | null
  readonly constant: unknown
}

/** The source of each argument's value; null when one of them has to be built for each execution, or does not fit. */
function sourcesOf(field: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentSource[] | null {
  const sources: ArgumentSource[] = []
  for (const { name, type, defaultValue } of field.args) {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value
    if (given?.kind === 'Variable') sources.push({ name, variable: given.name.value, constant: undefined })
    else if (given) {
      const constant = hasVariable(given) ? undefined : valueFromAST(given, type)
      if (constant === undefined) return null
      sources.push({ name, variable: null, constant })
    } else if (defaultValue !== undefined) sources.push({ name, variable: null, constant: defaultValue })
    else if (isNonNullType(type)) return null
  }
  return sources
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === 'Variable') return true
  if (value.kind === 'ListValue') return value.values.some(hasVariable)
  return value.kind === 'ObjectValue' && value.fields.some((field) => hasVariable(field.value))
}
