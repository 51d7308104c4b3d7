import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { renderReference } from '../../console/reference/render.ts'
import { createSchema } from '../../src/graphql/schema/index.ts'

const all = (html: string, pattern: RegExp) => [...html.matchAll(pattern)].map(([, found = '']) => found)

describe('REFERENCE-01: the reference', () => {
  const { contents, entries } = renderReference(createSchema())
  const ids = all(entries, /<(?:article|div class="member"|h2) id="([^"]+)"/g)

  test('has every type, field and value of the graph once', () => {
    const expected = Object.values(createSchema().getTypeMap())
      .filter(({ name }) => !name.startsWith('__') && !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name))
      .flatMap((type) => {
        const members =
          'getFields' in type
            ? Object.keys(type.getFields())
            : 'getValues' in type
              ? type.getValues().map(({ name }) => name)
              : []
        const own = ['Query', 'Mutation', 'Subscription'].includes(type.name) ? [] : [type.name]
        return [...own, ...members.map((member) => `${type.name}.${member}`)]
      })
    const groups = ['Queries', 'Mutations', 'Subscriptions', 'Objects', 'Interfaces', 'Enums', 'Inputs', 'Scalars']
    expect([...ids].sort()).toEqual([...expected, ...groups].sort())
    expect(ids.length).toBeGreaterThan(700)
  })

  test('has no link without its place', () => {
    const places = new Set(ids)
    const links = all(contents + entries, /href="#([^"]+)"/g)
    expect(links.length).toBeGreaterThan(1_000)
    expect(links.filter((link) => !places.has(link))).toEqual([])
  })

  test('says what a field needs, what is deprecated, and what uses a type', () => {
    const partOf = (id: string) => entries.slice(entries.indexOf(`id="${id}"`)).split(/<\/article>|<\/dd><\/div>\n/)[0]
    expect(partOf('Query.ticket')).toContain('Needs <code>tickets:read</code>. Without it: FORBIDDEN.')
    expect(partOf('Customer.email')).toContain('Needs <code>customers:pii</code>. Without it: null.')
    expect(partOf('Actor.name')).toContain('Needs <code>customers:pii</code> for the kind CUSTOMER. Without it: null.')
    expect(partOf('Ticket.sla')).toContain('<strong>Deprecated.</strong>')
    expect(partOf('Query.tickets')).toContain('Default: <code>25</code>.')
    expect(entries).toContain('<summary>Used by 1 field</summary><p><a href="#Ticket.satisfaction">Ticket.satisfaction</a></p>')
  })
})

test('the reference writes every text of the graph as text, and code as code', () => {
  const { entries } = renderReference(
    buildSchema(`
      """An <img onerror="x"> & \`Thing.name\`, \`Thing.other\`, \`Int\`, \`<b>\`."""
      type Thing { "The name." name(first: [Int!]! = [1]): [Thing!]! }
      union Any = Thing
      type Query { "The thing." thing: Any }
    `),
  )
  expect(entries).toContain(
    '<p>An &lt;img onerror=&quot;x&quot;&gt; &amp; <code><a href="#Thing.name">Thing.name</a></code>, <code>Thing.other</code>, <code>Int</code>, <code>&lt;b&gt;</code>.</p>',
  )
  expect(entries).toContain('<code>[<a href="#Thing">Thing</a>!]!</code>')
  expect(entries).toContain(
    '<dt><code>first</code> <code>[Int!]!</code></dt><dd><p class="note">Default: <code>[1]</code>.</p></dd>',
  )
  expect(entries).toContain('<p class="note">Types: <a href="#Thing">Thing</a>.</p>')
})
