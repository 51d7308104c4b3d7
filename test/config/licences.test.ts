import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
/** What docs/dependencies.md allows, and what both parts of a combined licence have to be. */
const permissive = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
])

interface LockedPackage {
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

describe('DEPLOY-11: the packages of a running gateway', () => {
  test('every licence is permissive', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockedPackage>
    }
    const installed = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    const partsOf = (licence = 'not stated') => licence.replace(/[()]/g, '').split(/ AND | OR /)
    expect(installed.length).toBeGreaterThan(200)
    expect(installed.filter(([, { license }]) => !partsOf(license).every((part) => permissive.has(part)))).toEqual([])
  })

  test('are the ones of docs/licences.md', () => {
    const listed = execFileSync(process.execPath, ['scripts/list-licences.mjs'], { cwd: root, encoding: 'utf8' })
    expect(readFileSync(join(root, 'docs/licences.md'), 'utf8')).toBe(listed)
  })
})
