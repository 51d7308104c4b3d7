import { mkdirSync } from 'node:fs'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type RunningGateway, startGateway } from './gateway.ts'

const screenshots = 'dist/browser'
let gateway: RunningGateway
let browser: Browser
let page: Page
const faults: string[] = []

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  gateway = await startGateway()
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.setDefaultTimeout(15_000)
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on(
    'request',
    (request) => request.url().startsWith('data:') || request.url().startsWith(gateway.origin) || faults.push(request.url()),
  )
  await page.goto(`${gateway.origin}/graphql/reference`)
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
})

const visible = (selector: string) => page.locator(`${selector}:visible`)
const search = (text: string) => page.getByRole('searchbox', { name: 'Search the graph' }).fill(text)
const widerThanThePage = () => page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

it('REFERENCE-02: the reference shows the whole graph, and finds by every word', async () => {
  expect(await visible('article').count()).toBeGreaterThan(100)
  await page.screenshot({ path: `${screenshots}/reference-1280.png` })
  await search('custom field definition')
  expect(await visible('article').locator('h3').allInnerTexts()).toEqual(
    expect.arrayContaining(['CustomFieldDefinition', 'Source']),
  )
  expect(await visible('[id="Source.customFieldDefinitions"]').count()).toBe(1)
  expect(await visible('[id="Source.label"]').count()).toBe(0)
  expect(await page.locator('#found').innerText()).toMatch(/^\d+ found$/)
  expect(new URL(page.url()).searchParams.get('q')).toBe('custom field definition')
  await page.screenshot({ path: `${screenshots}/reference-search.png` })
  await search('no such word')
  expect(await page.locator('#found').innerText()).toBe('Nothing found')
  expect(await visible('article').count()).toBe(0)
})

it('is a link away from GraphiQL', async () => {
  await page.goto(`${gateway.origin}/graphql`)
  await page.getByRole('link', { name: 'Reference' }).click()
  await visible('[id="Ticket.status"]').waitFor()
  expect(new URL(page.url()).pathname).toBe('/graphql/reference')
})

it('has addresses: of a search, and of a field that the search hides', async () => {
  await page.goto(`${gateway.origin}/graphql/reference?q=TicketStatus`)
  expect(await visible('[id="TicketStatus"]').count()).toBe(1)
  expect(await visible('[id="Viewer"]').count()).toBe(0)
  // The search finds many entries; the one of that name is a step away.
  await search('ticket')
  await page.locator('#found').getByRole('link', { name: 'Ticket', exact: true }).click()
  expect(await page.locator('article:target h3').innerText()).toBe('Ticket')
  await search('priority')
  expect(await visible('[id="Viewer.scopes"]').count()).toBe(0)
  await page.evaluate("location.hash = 'Viewer.scopes'")
  await visible('[id="Viewer.scopes"]').waitFor()
  expect(await page.getByRole('searchbox').inputValue()).toBe('')
  await page.locator('body').press('/')
  expect(await page.evaluate('document.activeElement.id')).toBe('search')
})

it('fits a phone', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${gateway.origin}/graphql/reference`)
  expect(await widerThanThePage()).toBe(0)
  expect(await visible('nav a').count()).toBe(0)
  await page.screenshot({ path: `${screenshots}/reference-390.png` })
  await search('ticket status')
  await page.screenshot({ path: `${screenshots}/reference-390-search.png` })
  expect(await widerThanThePage()).toBe(0)
})

it('has nothing that axe finds, light and dark', async () => {
  await page.evaluate(axe.source)
  const findFaults = async () => {
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)
  }
  await search('deprecated')
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect({ width, colorScheme, faults: await findFaults() }).toEqual({ width, colorScheme, faults: [] })
    }
  }
  await page.screenshot({ path: `${screenshots}/reference-dark.png` })
})

it('loads only its own files, compressed, under its content security policy', async () => {
  expect(faults).toEqual([])
  const response = await fetch(`${gateway.origin}/graphql/reference`, { headers: { 'accept-encoding': 'br' } })
  expect(response.headers.get('content-encoding')).toBe('br')
  expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
  const html = await response.text()
  for (const [, file = ''] of html.matchAll(/(?:href|src)="(\/graphql\/assets\/[^"]+)"/g)) {
    const asset = await fetch(gateway.origin + file, { headers: { 'accept-encoding': 'br' } })
    expect([file, asset.status, asset.headers.get('content-encoding')]).toEqual([file, 200, 'br'])
    expect(asset.headers.get('cache-control')).toContain('immutable')
  }
})
