import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type * as TestingLibrary from '@testing-library/react'
import { afterAll, afterEach, beforeAll, describe, expect, type MockInstance, test, vi } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'
import { clientTarball, runFolder } from './support/prepare.ts'

// The samples of the package's README, in a project of their own that has installed the tarball: compiled, and run against a gateway.

const project = join(runFolder(), 'project')
const readme = readFileSync(join(import.meta.dirname, '../../clients/typescript/README.md'), 'utf8')
const samples = [...readme.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', file, text = '']) => ({
  language,
  file,
  text,
}))

/** What the driver of a library exports: its own React, and pages over the samples. */
interface Driver extends Pick<typeof TestingLibrary, 'cleanup' | 'fireEvent' | 'render' | 'screen' | 'within'> {
  openList(options: Options, filters: readonly object[]): void
  openTicket(options: Options, id: string): void
}
interface Options {
  readonly url: string
  readonly getToken: () => string | undefined
}

const providers = {
  apollo:
    "import { ApolloProvider } from '@apollo/client/react'\nconst Provider = ({ graph, children }) => <ApolloProvider client={graph}>{children}</ApolloProvider>",
  urql: "import { Provider as UrqlProvider } from 'urql'\nconst Provider = ({ graph, children }) => <UrqlProvider value={graph}>{children}</UrqlProvider>",
  relay:
    "import { RelayEnvironmentProvider } from 'react-relay'\nconst Provider = ({ graph, children }) => <RelayEnvironmentProvider environment={graph}>{children}</RelayEnvironmentProvider>",
}

/** Each library's samples on one page. Not compiled: the samples are what the types are checked of. */
const driver = (library: keyof typeof providers) => `// @ts-nocheck
import { render } from '@testing-library/react'
import { Component, Suspense } from 'react'
import { createGraph } from './graph.ts'
import { TicketList } from './ticket-list.tsx'
import { TicketPage } from './ticket-page.tsx'
import { toProblem } from '../problem.ts'
${providers[library]}
export { cleanup, fireEvent, render, screen, within } from '@testing-library/react'

class Boundary extends Component {
  state = { error: undefined }
  static getDerivedStateFromError = (error) => ({ error })
  render = () => (this.state.error ? <p role="alert">{toProblem(this.state.error)}</p> : this.props.children)
}
function open({ url, getToken }, page) {
  const app = <Provider graph={createGraph(url, getToken)}><Boundary><Suspense fallback={<p>Loading …</p>}>{page}</Suspense></Boundary></Provider>
  render(app, { onCaughtError: () => undefined })
}
export const openList = (options, filters) => open(options, filters.map((filter, index) => <TicketList key={index} filter={filter} />))
export const openTicket = (options, id) => open(options, <TicketPage id={id} />)
`

function installProject(): void {
  mkdirSync(join(project, 'src'), { recursive: true })
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'))
  const tarball = { '@deskgraph/client': `file:${clientTarball()}` }
  const manifest = { type: 'module', private: true, dependencies: { ...dependencies, ...tarball }, devDependencies }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  cpSync(join(import.meta.dirname, 'package-lock.json'), join(project, 'package-lock.json'))
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: project,
    stdio: 'pipe',
  })
  for (const { file, text } of samples) {
    if (file === undefined) continue
    const path = file.endsWith('.json') ? join(project, file) : join(project, 'src', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const library of ['apollo', 'urql', 'relay'] as const)
    writeFileSync(join(project, 'src', library, 'driver.tsx'), driver(library))
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
  const compiler = join(project, 'node_modules/.bin/relay-compiler')
  execFileSync(compiler, ['relay.config.json', '--output', 'quiet-with-errors'], { cwd: project, stdio: 'pipe' })
}

/** The options of Vite's template react-ts, and stricter ones that teams use. */
const compilerOptions = {
  target: 'es2023',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  jsx: 'react-jsx',
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
}

let gateway: ClientGateway
beforeAll(async () => {
  installProject()
  gateway = await sharedGateway()
}, 240_000)
const patience = { timeout: 30_000 }

test('CLIENT-54: the tarball installs, and every sample of the README compiles', () => {
  expect(samples.filter(({ language, file }) => /^tsx?$/.test(language) && file === undefined)).toEqual([])
  expect(samples.filter(({ file }) => file !== undefined).length).toBeGreaterThan(10)
  expect(existsSync(join(project, 'node_modules/@deskgraph/client/dist/index.js'))).toBe(true)
  const { stdout } = run('tsc', '-p', '.', '--pretty', 'false')
  expect(stdout).toBe('')
})

test('CLIENT-54: a mistake in a sample would not compile', () => {
  const file = join(project, 'src/apollo/ticket-list.tsx')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('node.title', 'node.heading'))
  expect(run('tsc', '-p', '.', '--pretty', 'false').stdout).toContain("Property 'heading' does not exist")
  writeFileSync(file, text)
})

function run(command: string, ...args: string[]): { readonly stdout: string } {
  try {
    return { stdout: execFileSync(command, args, { cwd: project, encoding: 'utf8' }) }
  } catch (error) {
    return error as { stdout: string }
  }
}

describe.each(Object.keys(providers))('CLIENT-55: the samples of the README for %s', (library) => {
  let page: Driver
  /** A client that lacks configuration says so on the console. */
  let warnings: readonly MockInstance[]
  beforeAll(async () => {
    warnings = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level))
    page = await import(/* @vite-ignore */ join(project, 'src', library, 'driver.tsx'))
  })
  afterAll(() => vi.restoreAllMocks())
  afterEach(async () => {
    page.cleanup()
    gateway.sandbox.oneview.fault(null)
    await gateway.untilSubscribed(0)
    expect(warnings.flatMap(({ mock }) => mock.calls)).toEqual([])
  })
  const options = (getToken = () => gateway.token as string | undefined) => ({ url: gateway.url, getToken })
  /** The ids of the rows of each list. */
  const lists = () =>
    page.screen.queryAllByRole('list').map((list) =>
      page
        .within(list)
        .queryAllByRole('listitem')
        .map(({ id }) => id),
    )
  const heading = () => page.screen.queryByRole('heading')?.textContent
  const alert = () => page.screen.queryByRole('alert')?.textContent

  test('show a list, add its next page, and name a source that is missing', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    page.openList(options(), [{}])
    await expect.poll(() => lists()[0]?.length, patience).toBe(5)
    expect(page.screen.getByRole('status').textContent).toBe('OneView is missing.')
    const [firstPage] = lists()
    page.fireEvent.click(page.screen.getByRole('button', { name: 'More' }))
    await expect.poll(() => lists()[0]?.length, patience).toBe(10)
    expect(lists()[0]?.slice(0, 5)).toEqual(firstPage)
    expect(new Set(lists()[0]).size).toBe(10)
  })

  test('take a ticket out of one live list and put it into another, while other tickets stay', async () => {
    page.openList(options(), [
      { sources: ['oneview'], status: ['IN_PROGRESS'] },
      { sources: ['oneview'], status: ['ESCALATED'] },
    ])
    await expect.poll(() => lists().map(({ length }) => length), patience).toEqual([5, 5])
    const [inProgress = [], escalated = []] = lists()
    const [first = '', ...others] = inProgress
    await gateway.untilSubscribed(2)
    await gateway.otherAgentEscalates(first)
    await expect.poll(lists, patience).toEqual([others, [first, ...escalated]])
  })

  test('close a ticket at once, and take it back with the reason when the source refuses', async () => {
    const { id } = gateway.openTicket()
    page.openTicket(options(), id)
    await expect.poll(heading, patience).toContain('IN_PROGRESS')
    gateway.sandbox.oneview.fault({ kind: 'status', status: 429, writesOnly: true })
    const shown: (string | undefined)[] = []
    const observer = setInterval(() => shown.push(heading()?.split(': ').at(-1)), 1)
    page.fireEvent.click(page.screen.getByRole('button', { name: 'Close' }))
    await expect.poll(alert, patience).toMatch(/ONEVIEW|OneView|calls/)
    clearInterval(observer)
    expect(shown).toContain('CLOSED')
    expect(heading()).toContain('IN_PROGRESS')

    gateway.sandbox.oneview.fault(null)
    page.fireEvent.click(page.screen.getByRole('button', { name: 'Close' }))
    await expect.poll(heading, patience).toContain('CLOSED')
    await expect.poll(alert, patience).toBeUndefined()
    expect(heading()).toContain('CLOSED')
  })

  test('ask for a sign-in when the token is not valid', async () => {
    page.openList(
      options(() => gateway.expiredToken),
      [{ sources: ['oneview'] }],
    )
    await expect.poll(alert, patience).toBe('Please sign in.')
  })

  test('say that there is no connection', async () => {
    page.openList({ ...options(), url: 'http://127.0.0.1:9/graphql' }, [{ sources: ['oneview'] }])
    await expect.poll(alert, patience).toBe('There is no connection.')
  })
})
