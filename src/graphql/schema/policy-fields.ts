import type { GraphQLSchema } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { fieldRules, may, type Scope } from '../../domain/permissions.ts'
import type { GraphContext } from '../context.ts'
import { fieldOf, type Resolve, resolveOf } from './fields.ts'

/** Puts the one table of rights in front of the fields that it names; synchronous, so that it costs no promise. */
export function applyPolicy(schema: GraphQLSchema): void {
  for (const [name, rule] of Object.entries(fieldRules)) {
    const [typeName, fieldName] = name.split('.') as [string, string]
    const field = fieldOf(schema, typeName, fieldName)
    const resolve = resolveOf(schema, typeName, fieldName)
    const guarded = rule.otherwise === 'forbid' ? forbid(rule.needs, resolve) : hide(rule.needs, resolve)
    field.resolve = rule.ofKind === undefined ? guarded : onlyFor(rule.ofKind, guarded, resolve)
    if (field.subscribe) field.subscribe = forbid(rule.needs, field.subscribe as Resolve)
  }
}

const forbid = (needs: readonly Scope[], resolve: Resolve): Resolve => {
  return (source, args, context, info) => {
    requireScopes(context, needs)
    return resolve(source, args, context, info)
  }
}

const hide = (needs: readonly Scope[], resolve: Resolve): Resolve => {
  return (source, args, context, info) => {
    const missing = missingScope(context, needs)
    if (missing === undefined) return resolve(source, args, context, info)
    // The other scopes' fields are documented as null without them; only personal data is announced as hidden.
    if (!may(context.viewer, 'customers:pii') && needs.includes('customers:pii')) context.redacted.add('customers:pii')
    return null
  }
}

const onlyFor = (kind: string, guarded: Resolve, resolve: Resolve): Resolve => {
  return (source, args, context, info) =>
    (source as { readonly kind?: unknown }).kind === kind
      ? guarded(source, args, context, info)
      : resolve(source, args, context, info)
}

function missingScope(context: GraphContext, needs: readonly Scope[]): Scope | undefined {
  return needs.find((scope) => !may(context.viewer, scope))
}

/** Throws FORBIDDEN that names the missing scope. */
export function requireScopes(context: GraphContext, needs: readonly Scope[]): void {
  const missing = missingScope(context, needs)
  if (missing !== undefined) throw new DeskgraphError('FORBIDDEN', `This needs the scope "${missing}".`)
}
