import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { scopes } from '../../src/domain/permissions.ts'
import { extensionsOf, listFields } from '../../src/graphql/schema/fields.ts'
import { createSchema } from '../../src/graphql/schema/index.ts'
import { limitsConfig } from '../../src/http/config.ts'

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| '))
const cellsOf = (row: string) => row.slice(2, -2).split(' | ')

const permissions = listFields(createSchema({ federation: true })).flatMap(({ name, field }) => {
  const { permission } = extensionsOf(field)
  return permission ? [{ name, ...permission }] : []
})

describe('the table of rights', () => {
  it.each(permissions)('says what $name needs, and what happens without it', ({ name, scopes: needed, otherwise }) => {
    const row = rows.map(cellsOf).find(([fields]) => fields?.includes(`\`${name}\``))
    expect(row?.[1]).toBe(needed.map((scope) => `\`${scope}\``).join(' and '))
    expect(row?.[2]).toBe(otherwise === 'forbid' ? 'FORBIDDEN' : 'null')
  })
  it('names no field without a permission but the viewer', () => {
    const named = [...page.matchAll(/`((?:Query|Mutation|Subscription|Ticket|Customer|Actor|QuarantinedEvent)\.\w+)`/g)].map(
      ([, name]) => name,
    )
    expect(named.filter((field) => !permissions.some(({ name }) => name === field))).toEqual(['Query.viewer'])
  })
  it.each(Object.entries(scopes))('explains the scope %s', (scope, text) => {
    expect(rows).toContain(`| \`${scope}\` | ${text} |`)
  })
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly default?: unknown
  readonly description?: string
}

/** Every setting with its default and description, as the configuration's own schema has them. */
function settingsOf(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if (inner.properties) return settingsOf(inner, `${path}.${name}`)
    const byDefault = Array.isArray(inner.default) && inner.default.length === 0 ? 'none' : String(inner.default)
    return [`| \`${path}.${name}\` | ${byDefault} | ${inner.description} |`]
  })
}

describe('the table of limits', () => {
  const settings = settingsOf(z.toJSONSchema(limitsConfig, { io: 'input' }) as Schema, 'limits')
  it.each(settings)('has the row %s', (row) => {
    expect(rows).toContain(row)
  })
  it('has no other row', () => {
    expect(rows.filter((row) => row.startsWith('| `limits.'))).toEqual(settings)
    expect(settings.length).toBeGreaterThan(20)
  })
})
