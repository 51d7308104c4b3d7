import type { GraphQLSchema } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { may, type Scope } from '../../domain/permissions.ts'
import type { GraphContext } from '../context.ts'
import { extensionsOf, type FieldPermission, listFields, type Resolve, resolveOf } from './fields.ts'

/** Puts the check of its permission before the resolver of every field that has one. The check is synchronous. */
export function applyPermissions(schema: GraphQLSchema): void {
  for (const { field } of listFields(schema)) {
    const { permission } = extensionsOf(field)
    if (!permission) continue
    field.resolve = withPermission(permission, resolveOf(field))
    if (field.subscribe) field.subscribe = withPermission(permission, field.subscribe as Resolve)
  }
}

function withPermission({ scopes, otherwise, onlyForKind }: FieldPermission, resolve: Resolve): Resolve {
  const guarded = otherwise === 'forbid' ? forbidWithout(scopes, resolve) : hideWithout(scopes, resolve)
  if (onlyForKind === undefined) return guarded
  return (parent, args, context, info) => {
    const isThatKind = (parent as { readonly kind?: unknown }).kind === onlyForKind
    return (isThatKind ? guarded : resolve)(parent, args, context, info)
  }
}

function forbidWithout(scopes: readonly Scope[], resolve: Resolve): Resolve {
  return (parent, args, context, info) => {
    requireScopes(context, scopes)
    return resolve(parent, args, context, info)
  }
}

function hideWithout(scopes: readonly Scope[], resolve: Resolve): Resolve {
  return (parent, args, context, info) => {
    if (missingScope(context, scopes) === undefined) return resolve(parent, args, context, info)
    // Only hidden personal data is announced. Every other hidden field documents that it is null without its scope.
    if (!may(context.viewer, 'customers:pii') && scopes.includes('customers:pii')) context.redacted.add('customers:pii')
    return null
  }
}

function missingScope(context: GraphContext, scopes: readonly Scope[]): Scope | undefined {
  return scopes.find((scope) => !may(context.viewer, scope))
}

/** Throws FORBIDDEN, which names the first missing scope. */
export function requireScopes(context: GraphContext, scopes: readonly Scope[]): void {
  const missing = missingScope(context, scopes)
  if (missing !== undefined) throw new DeskgraphError('FORBIDDEN', `This needs the scope "${missing}".`)
}
