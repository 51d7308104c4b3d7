import {
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'

// Renders the graph as HTML, at build time. `scripts/build-reference.mjs` puts it into `reference.html`.

/** The list of contents, and the entries with an anchor for each type and each of its members. */
export interface Reference {
  readonly contents: string
  readonly entries: string
}

type Field = GraphQLField<unknown, unknown>
type Member = Field | GraphQLInputField | GraphQLEnumValue

/** A root field, or a type. */
interface Entry {
  /** Its anchor: "Query.ticket", "Ticket". */
  readonly id: string
  readonly name: string
  readonly field?: Field
  readonly type?: GraphQLNamedType
}

interface Group {
  readonly title: string
  readonly entries: readonly Entry[]
}

/** The rights that a field needs come from its extensions. */
export function renderReference(schema: GraphQLSchema): Reference {
  const groups = groupsOf(schema)
  const render = createRenderer(schema)
  const contents = groups.map(({ title, entries }) => {
    const links = entries.map(({ id, name }) => `<li><a href="#${id}">${name}</a></li>`)
    return `<section><h2>${title}</h2><ul>${links.join('')}</ul></section>`
  })
  const sections = groups.map(({ title, entries }) => {
    return `<section class="group" aria-labelledby="${title}"><h2 id="${title}">${title}</h2>${entries.map(render).join('\n')}</section>`
  })
  return { contents: contents.join('\n'), entries: sections.join('\n') }
}

/** The fields of the root types stand for themselves; all other types follow by their kind. */
function groupsOf(schema: GraphQLSchema): readonly Group[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const ofRoots = ['Queries', 'Mutations', 'Subscriptions'].map((title, index) => {
    const root = roots[index]
    const fields = Object.values(root?.getFields() ?? {}).sort(byName)
    return { title, entries: fields.map((field) => ({ id: `${root!.name}.${field.name}`, name: field.name, field })) }
  })
  const types = Object.values(schema.getTypeMap()).filter((type) => isShown(type) && !roots.some((root) => root === type))
  const kinds: readonly (readonly [string, (type: GraphQLNamedType) => boolean])[] = [
    ['Objects', isObjectType],
    ['Interfaces', isInterfaceType],
    ['Unions', isUnionType],
    ['Enums', isEnumType],
    ['Inputs', isInputObjectType],
    ['Scalars', isScalarType],
  ]
  const ofTypes = kinds.map(([title, isKind]) => {
    return {
      title,
      entries: types
        .filter(isKind)
        .sort(byName)
        .map((type) => ({ id: type.name, name: type.name, type })),
    }
  })
  return [...ofRoots, ...ofTypes].filter(({ entries }) => entries.length > 0)
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.localeCompare(other.name, 'en')
}

function isShown(type: GraphQLNamedType): boolean {
  return !isIntrospectionType(type) && !isSpecifiedScalarType(type)
}

function membersOf(type: GraphQLNamedType): readonly Member[] {
  if (isEnumType(type)) return type.getValues()
  return isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : []
}

const argumentsOf = (member: Member): readonly GraphQLArgument[] => ('args' in member ? member.args : [])
const link = (id: string) => `<a href="#${id}">${id}</a>`

function createRenderer(schema: GraphQLSchema): (entry: Entry) => string {
  const users = findUsers(schema)

  /** A description. What stands in backticks is code, and a link where it is a type of the graph or a field of one. */
  function prose(description: string | null | undefined): string {
    const code = (_: string, text: string) => `<code>${isPlace(text) ? link(text) : text}</code>`
    return escapeHtml(description ?? '').replace(/`([^`]+)`/g, code)
  }
  const paragraph = (description: string | null | undefined) => (description ? `<p>${prose(description)}</p>` : '')

  function isPlace(text: string): boolean {
    const [typeName = '', memberName, ...rest] = text.split('.')
    const type = schema.getType(typeName)
    if (!type || !isShown(type) || rest.length > 0) return false
    return memberName === undefined ? !isRoot(type) : membersOf(type).some(({ name }) => name === memberName)
  }
  const isRoot = (type: GraphQLNamedType) =>
    [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some((root) => root === type)

  function notes(member: Member | GraphQLArgument): string {
    const defaultValue = 'defaultValue' in member ? member.defaultValue : undefined
    return [
      member.deprecationReason
        ? `<p class="note deprecated"><strong>Deprecated.</strong> ${prose(member.deprecationReason)}</p>`
        : '',
      rightsOf(member.extensions),
      defaultValue === undefined ? '' : `<p class="note">Default: <code>${escapeHtml(JSON.stringify(defaultValue))}</code>.</p>`,
    ].join('')
  }

  function argumentList(args: readonly GraphQLArgument[]): string {
    if (args.length === 0) return ''
    const items = args.map((one) => {
      return `<div><dt><code>${one.name}</code> ${typeText(one.type)}</dt><dd>${paragraph(one.description)}${notes(one)}</dd></div>`
    })
    return `<dl class="arguments">${items.join('')}</dl>`
  }

  function memberItem(owner: string, member: Member): string {
    const id = `${owner}.${member.name}`
    const type = 'type' in member ? ` ${typeText(member.type)}` : ''
    const body = `${paragraph(member.description)}${notes(member)}${argumentList(argumentsOf(member))}`
    return `<div class="member" id="${id}"><dt><a class="anchor" href="#${id}"><code>${member.name}</code></a>${type}</dt><dd>${body}</dd></div>`
  }

  function usedBy(name: string): string {
    const places = [...(users.get(name) ?? [])].sort()
    if (places.length === 0) return ''
    const count = places.length === 1 ? '1 field' : `${places.length} fields`
    return `<details class="users"><summary>Used by ${count}</summary><p>${places.map(link).join(', ')}</p></details>`
  }

  function relatedTypes(type: GraphQLNamedType): string {
    const list = (label: string, types: readonly GraphQLNamedType[]) =>
      types.length === 0 ? '' : `<p class="note">${label} ${types.map(({ name }) => link(name)).join(', ')}.</p>`
    if (isUnionType(type)) return list('Types:', type.getTypes())
    if (isInterfaceType(type)) return list('Types:', schema.getPossibleTypes(type))
    return isObjectType(type) ? list('Implements', type.getInterfaces()) : ''
  }

  function typeBody(type: GraphQLNamedType): string {
    const url = isScalarType(type) ? type.specifiedByURL : undefined
    const members = membersOf(type).map((member) => memberItem(type.name, member))
    return [
      relatedTypes(type),
      url ? `<p class="note">Specified by <a rel="noreferrer" href="${url}">${url}</a>.</p>` : '',
      members.length > 0 ? `<dl class="members">${members.join('\n')}</dl>` : '',
      usedBy(type.name),
    ].join('')
  }

  return ({ id, name, field, type }) => {
    const head = `<h3><a class="anchor" href="#${id}"><code>${name}</code></a>${field ? ` ${typeText(field.type)}` : ''}</h3>`
    const body = type ? typeBody(type) : field ? `${notes(field)}${argumentList(field.args)}` : ''
    return `<article id="${id}">${head}${paragraph((field ?? type)?.description)}${body}</article>`
  }
}

/** A type with its brackets and marks. Every type of the graph itself is a link. */
function typeText(type: GraphQLType): string {
  const named = getNamedType(type)
  const [before = '', after = ''] = String(type).split(named.name)
  return `<code>${before}${isShown(named) ? link(named.name) : named.name}${after}</code>`
}

/** By type: the fields that have it, or take it as an argument. */
function findUsers(schema: GraphQLSchema): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>()
  for (const type of Object.values(schema.getTypeMap()).filter(isShown)) {
    for (const member of membersOf(type)) {
      const used = ['type' in member ? member.type : null, ...argumentsOf(member).map((one) => one.type)]
      for (const { name } of used.flatMap((one) => (one ? getNamedType(one) : []))) {
        users.set(name, (users.get(name) ?? new Set()).add(`${type.name}.${member.name}`))
      }
    }
  }
  return users
}

interface Permission {
  readonly scopes: readonly string[]
  readonly otherwise: 'forbid' | 'hide'
  readonly onlyForKind?: string
}

function rightsOf({ permission }: { readonly permission?: unknown }): string {
  if (permission === undefined) return ''
  const { scopes, otherwise, onlyForKind } = permission as Permission
  const needed = scopes.map((scope) => `<code>${scope}</code>`).join(' and ')
  const kind = onlyForKind === undefined ? '' : ` for the kind ${onlyForKind}`
  return `<p class="note">Needs ${needed}${kind}. Without it: ${otherwise === 'forbid' ? 'FORBIDDEN' : 'null'}.</p>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
