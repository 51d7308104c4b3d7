import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The samples of docs/frontend.md, each library with the files that a reader would have, compiled as Vite's template compiles them.

const folder = join(import.meta.dirname, 'generated/guide')
const bin = join(import.meta.dirname, 'node_modules/.bin')

interface Sample {
  /** The heading that the sample stands under. */
  readonly section: string
  readonly language: string
  /** Its file, from the info string of the block; undefined: none. */
  readonly file: string | undefined
  readonly text: string
}

function readSamples(page: string): Sample[] {
  return page.split(/^(?=## )/m).flatMap((section) => {
    const title = /^## (.+)$/m.exec(section)?.[1] ?? ''
    const blocks = section.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)
    return [...blocks].map(([, language = '', file, text = '']) => ({ section: title, language, file, text }))
  })
}

const samples = readSamples(readFileSync(join(import.meta.dirname, '../../docs/frontend.md'), 'utf8'))
const isTypeScript = ({ language }: Sample) => language === 'ts' || language === 'tsx'
const libraries = ['Apollo Client', 'urql', 'Relay']

/** The options of Vite's template react-ts. */
const compilerOptions = {
  target: 'es2023',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'esnext',
  types: [],
  strict: true,
  skipLibCheck: true,
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  moduleDetection: 'force',
  noEmit: true,
  jsx: 'react-jsx',
  noUnusedLocals: true,
  noUnusedParameters: true,
  erasableSyntaxOnly: true,
  noFallthroughCasesInSwitch: true,
}

/** The project that a reader of one library has: the shared samples, then those of the library. Relay's artifacts are written too. */
function writeProject(library: string): string {
  const project = join(folder, library.replace(' ', '-'))
  const others = new Set(libraries.filter((other) => other !== library))
  for (const { section, file, text } of samples) {
    if (file === undefined || others.has(section) || (library !== 'Apollo Client' && text.includes("'@apollo/client'"))) continue
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  if (library !== 'Relay') return project
  const config = JSON.parse(readFileSync(join(project, 'relay.config.json'), 'utf8')) as { schema: string }
  const schema = join(import.meta.dirname, config.schema)
  writeFileSync(join(project, 'relay.config.json'), JSON.stringify({ ...config, schema, noSourceControl: true }))
  execFileSync(join(bin, 'relay-compiler'), ['relay.config.json', '--output', 'quiet-with-errors'], { cwd: project })
  return project
}

function compile(project: string): string {
  try {
    execFileSync('tsc', ['-p', '.', '--pretty', 'false'], { cwd: project, encoding: 'utf8' })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout ?? error)
  }
}

describe('CLIENT-60: the guide for frontends', () => {
  beforeAll(() => rmSync(folder, { recursive: true, force: true }))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('names the file of every TypeScript sample, and has a list for each library', () => {
    expect(samples.filter(isTypeScript).filter(({ file }) => file === undefined)).toEqual([])
    for (const library of libraries) {
      const files = samples.filter(({ section }) => section === library).flatMap(({ file }) => file ?? [])
      expect([library, files]).toEqual([library, expect.arrayContaining(['src/graph.ts', 'src/App.tsx'])])
    }
  })

  it.each(libraries)('compiles with %s', (library) => {
    expect(compile(writeProject(library))).toBe('')
  })

  it('would notice a field that is not in the graph', () => {
    const project = writeProject('Apollo Client')
    const app = join(project, 'src/App.tsx')
    writeFileSync(app, readFileSync(app, 'utf8').replace('node.title', 'node.heading'))
    expect(compile(project)).toContain("Property 'heading' does not exist")
  })
})
