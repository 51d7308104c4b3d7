import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sandboxSystems } from '../../sandbox/systems.ts'
import { launchBrowser, type RunningGateway, startGateway } from './gateway.ts'

const screenshots = 'dist/browser'
let gateway: RunningGateway
let browser: Browser
let page: Page
const consoleErrors: string[] = []
const foreignRequests: string[] = []

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  gateway = await startGateway()
  browser = await launchBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(15_000)
  page.on('console', (message) => message.type() === 'error' && consoleErrors.push(message.text()))
  page.on('pageerror', (error) => consoleErrors.push(error.message))
  page.on(
    'request',
    (request) =>
      /^(https?|wss?):/.test(request.url()) &&
      !request.url().startsWith(`${gateway.origin}/`) &&
      foreignRequests.push(request.url()),
  )
  await page.goto(`${gateway.origin}/graphql`)
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
})
afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
})

/** Opens a tab, runs its operation, and returns the answer. */
async function run(tab: string) {
  await page.locator('.graphiql-tab-button', { hasText: tab }).click()
  const answered = page.waitForResponse((response) => response.request().postDataJSON()?.operationName === tab)
  await page.getByRole('button', { name: /Execute query/ }).click()
  return (await answered).json()
}
/** The visible part of the answer. The editor shows blanks as no-break spaces. */
const visibleAnswer = async () => (await page.locator('.graphiql-response .view-lines').innerText()).replace(/\s+/g, ' ')

it('opens with the ready operations in tabs, and the headers editor', async () => {
  const titles = await page.locator('.graphiql-tab').allInnerTexts()
  expect(titles.map((title) => title.trim())).toEqual([
    'OneTicket',
    'AcrossSources',
    'Counts',
    'Escalate',
    'Close',
    'Changes',
    'LookUps',
  ])
  expect(await page.getByRole('button', { name: 'Headers' }).isVisible()).toBe(true)
})

it('shows one ticket with all its fields', async () => {
  const { data, errors } = await run('OneTicket')
  expect(errors).toBeUndefined()
  expect(data.ticketByExternalId).toMatchObject({
    externalId: 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44',
    title: 'delivery - wrong address',
    sourceStatus: 'ASSIGNED',
    customer: { name: 'hugo dan', email: 'test@email.com' },
    vendor: { vertical: 'RESTAURANTS' },
  })
  await expect.poll(visibleAnswer).toContain('"title": "delivery - wrong address"')
  await page.screenshot({ path: `${screenshots}/one-ticket.png` })
})

it('lists the tickets of all sources in one page', async () => {
  const { data, errors } = await run('AcrossSources')
  expect(errors).toBeUndefined()
  expect(data.tickets.nodes).toHaveLength(50)
  expect(new Set(data.tickets.nodes.map((ticket: { source: { key: string } }) => ticket.source.key))).toEqual(
    new Set(Object.keys(sandboxSystems)),
  )
  expect(new Set(data.tickets.sources.map((report: { outcome: string }) => report.outcome))).toEqual(new Set(['OK']))
})

it('escalates, and closes once: the second refusal is data', async () => {
  expect((await run('Escalate')).data.escalateTicket).toMatchObject({
    outcome: 'APPLIED',
    ticket: { status: 'ESCALATED', statusReason: 'The restaurant does not answer' },
    userErrors: [],
  })
  expect((await run('Close')).data.closeTicket).toMatchObject({
    outcome: 'APPLIED',
    ticket: { status: 'CLOSED' },
    userErrors: [],
  })
  expect((await run('Close')).data.closeTicket).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT' }] })
})

it('lists the lookup values', async () => {
  const { data, errors } = await run('LookUps')
  expect(errors).toBeUndefined()
  expect(data.source.escalationDepartments[0]).toEqual({ key: 'partner-service', label: 'Partner Service' })
  expect(data.source.resolutionStatuses.map(({ key }: { key: string }) => key)).toEqual([
    'NO_ACTION',
    'REFUNDED',
    'CUSTOMER_LEFT_CHAT',
  ])
})

it('subscribes, and shows a live change', async () => {
  await page.locator('.graphiql-tab-button', { hasText: 'Changes' }).click()
  await page.getByRole('button', { name: /Execute query/ }).click()
  await expect.poll(visibleAnswer, { timeout: 30_000 }).toContain('"ticketChanged"')
  await page.screenshot({ path: `${screenshots}/changes.png` })
  await page.getByRole('button', { name: /Stop query/ }).click()
})

it('opens the documentation explorer, which describes the graph', async () => {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page
    .getByRole('link', { name: 'Query', exact: true })
    .or(page.locator('.graphiql-doc-explorer-type-name', { hasText: /^Query$/ }))
    .first()
    .click()
  await expect.poll(() => page.locator('.graphiql-doc-explorer').innerText()).toContain('ticketByExternalId')
  await page.screenshot({ path: `${screenshots}/documentation.png` })
})

it('restores the active tab with its variables', async () => {
  await run('OneTicket')
  await page.reload()
  await page.locator('.graphiql-query-editor .view-line').first().waitFor()
  const { data } = await run('OneTicket')
  expect(data.ticketByExternalId.externalId).toBe('f4b8f8e5-365a-4ed1-a122-0f4ba1afef44')
})

it('logs no error, and sends no request to another host', () => {
  expect(consoleErrors).toEqual([])
  expect(foreignRequests).toEqual([])
})
