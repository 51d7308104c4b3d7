import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ClientGateway, startClientGateway } from '../clients/support/gateway.ts'
import { type PageServer, startPageServer } from './support/page-server.ts'

// The three pages of clients/examples, as they are built, from another origin than the gateway's, in Chromium.

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const hasBrowser = existsSync(executablePath)
if (!hasBrowser)
  console.warn(`The pages are not tested: no browser at ${executablePath}. Install chromium, or set CHROMIUM_PATH.`)

let gateway: ClientGateway
let server: PageServer
let browser: Browser
let page: Page
/** How long the next tokens live, and how many the page's backend has issued. */
const tokens = { lifetimeSeconds: 3600, issued: 0 }
/** Tokens that are issued before any other. */
const nextTokens: (string | Promise<string>)[] = []
let faults: string[] = []
/** The status of each answer of the graph. */
let statuses: number[] = []

beforeAll(async () => {
  if (!hasBrowser) return
  gateway = await startClientGateway({ allowedOrigins: ['http://127.0.0.1:*'] })
  const issueToken = async () => {
    tokens.issued++
    return nextTokens.shift() ?? gateway.shortToken(tokens.lifetimeSeconds)
  }
  server = await startPageServer({ gatewayUrl: gateway.url, issueToken })
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--no-first-run'] })
})
afterAll(async () => {
  await browser?.close()
  server?.close()
  await gateway?.close()
})
afterEach(async () => {
  await page?.close()
  gateway.sandbox.oneview.fault(null)
  gateway.sandbox.verifik.fault(null)
  tokens.lifetimeSeconds = 3600
  nextTokens.length = 0
  expect(faults).toEqual([])
})

/** For what comes within seconds, also on a busy machine. */
const patience = { timeout: 20_000 }

/** Opens the page. `options.ticket` opens a ticket by its address, as a bookmark does. */
async function open(library: string, { ticket = '', width = 1280, height = 800 } = {}): Promise<void> {
  faults = []
  statuses = []
  tokens.issued = 0
  page = await browser.newPage({ viewport: { width, height } })
  page.setDefaultTimeout(patience.timeout)
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (message) => {
    // Chromium reports each refused request and connection; the page handles them.
    const isNetwork = /Failed to load resource|WebSocket connection to/.test(message.text())
    if (['error', 'warning'].includes(message.type()) && !isNetwork) faults.push(message.text())
  })
  page.on('response', (response) => {
    if (response.url().startsWith(gateway.url)) statuses.push(response.status())
  })
  await page.goto(`${server.origin}/${library}/${ticket && `#/tickets/${encodeURIComponent(ticket)}`}`)
}
const rows = () => page.getByRole('list', { name: 'Tickets' }).getByRole('listitem')
const row = (id: string) => page.locator(`a[href="#/tickets/${encodeURIComponent(id)}"]`)
const idOf = async (shown: Locator) => {
  const address = await shown.getByRole('link').getAttribute('href')
  return decodeURIComponent(address!.replace('#/tickets/', ''))
}
const badge = (text: string | RegExp) => page.getByRole('banner').getByRole('status').filter({ hasText: text }).waitFor()
const filterBy = (status: string) => page.getByRole('group', { name: 'Status' }).getByRole('button', { name: status }).click()
const entries = () => page.getByRole('list', { name: 'Messages and events' }).getByRole('listitem')
const entry = (text: string) => entries().filter({ has: page.getByText(text, { exact: true }) })
const expectCount = (locator: Locator, count: number) => expect.poll(() => locator.count(), patience).toBe(count)

/** What axe finds on the page, and whether it scrolls sideways. */
async function findBarriers(): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html).join(', ')})`)
    return document.documentElement.scrollWidth > innerWidth ? [...found, 'The page scrolls sideways.'] : found
  })
}

/** A ticket of Verifik, which takes replies and has a conversation. Each call returns another one. */
async function verifikTicket(): Promise<string> {
  unused ??= (
    await gateway.ask(
      '{ tickets(first: 50, filter: { sources: ["verifik"], status: [OPEN, PENDING, IN_PROGRESS] }) { nodes { id } } }',
    )
  ).tickets.nodes
  return unused!.pop()!.id
}
let unused: { id: string }[] | undefined
const statusOf = async (id: string) =>
  (await gateway.ask('query ($id: ID!) { ticket(id: $id) { status } }', { id })).ticket.status as string

describe.skipIf(!hasBrowser).each(['apollo', 'urql', 'relay'])('the page with %s', (library) => {
  it('PAGE-01: lists the tickets of all sources, counts them, and adds the next page', async () => {
    await open(library)
    await expectCount(rows(), 20)
    await badge('Live')
    // The list and the counts, each asked once.
    expect(statuses).toEqual([200, 200])
    await page.getByRole('button', { name: 'Show more' }).click()
    await expectCount(rows(), 40)
    const links = await rows().getByRole('link').all()
    const addresses = await Promise.all(links.map((link) => link.getAttribute('href')))
    expect(new Set(addresses).size).toBe(40)
    // OneView cannot count: the number of the others is shown with a plus.
    const { ticketCounts } = await gateway.ask('{ ticketCounts(by: STATUS) { groups { key count } } }')
    const opened = ticketCounts.groups.find(({ key }: { key: string }) => key === 'OPEN')
    await page.getByRole('button', { name: `Open ${opened.count}+`, exact: true }).click()
    await expectCount(rows().filter({ has: page.getByText('Open', { exact: true }) }), 20)
    expect(await rows().count()).toBe(20)
  })

  it('PAGE-02: opens a conversation at its end, and puts older entries above without moving it', async () => {
    const id = await verifikTicket()
    for (let n = 1; n <= 12; n++) await gateway.otherAgentReplies(id, `Message ${n}`)
    await open(library, { ticket: id })
    await expectCount(entries(), 10)
    await expect.poll(async () => entry('Message 12').isVisible(), patience).toBe(true)
    const scrolled = page.getByRole('list', { name: 'Messages and events' })
    expect(await scrolled.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)).toBeLessThan(2)
    expect(await entry('Message 2').count()).toBe(0)
    const top = () => entry('Message 12').evaluate((element) => Math.round(element.getBoundingClientRect().top))
    const before = await top()
    await page.getByRole('button', { name: 'Show older entries' }).click()
    await expectCount(entry('Message 2'), 1)
    expect(Math.abs((await top()) - before)).toBeLessThan(60)
    const texts = await entries().locator('.text').allInnerTexts()
    expect(texts.slice(-12)).toEqual(Array.from({ length: 12 }, (_, n) => `Message ${n + 1}`))
  })

  it('PAGE-03: shows a reply before the source has confirmed it, and gives the text back after a refusal', async () => {
    await open(library, { ticket: await verifikTicket() })
    const field = page.getByLabel('Reply to the customer')
    const send = page.getByRole('button', { name: 'Send' })
    gateway.sandbox.verifik.fault({ kind: 'latency', ms: 1_500, operation: 'message', times: 1 })
    await field.fill('We are on it.')
    await send.click()
    await entry('We are on it.').getByText('Sending …').waitFor({ timeout: 1_400 })
    expect(await field.inputValue()).toBe('')
    await expect.poll(() => entry('We are on it.').getByText('Sending …').count(), patience).toBe(0)
    await expectCount(entry('We are on it.'), 1)
    gateway.sandbox.verifik.fault({ kind: 'status', status: 422, operation: 'message' })
    await field.fill('And this is refused.')
    await send.click()
    await page.getByRole('form', { name: 'Reply' }).getByRole('alert').waitFor()
    await expect.poll(() => field.inputValue(), patience).toBe('And this is refused.')
    await expectCount(entry('And this is refused.'), 0)
    gateway.sandbox.verifik.fault(null)
    await send.click()
    await expectCount(entry('And this is refused.'), 1)
    expect(await field.inputValue()).toBe('')
  })

  it('PAGE-04: shows a ticket as closed at once, and as it is after a refusal', async () => {
    const { id } = gateway.openTicket()
    await open(library, { ticket: id })
    const status = (text: string) => page.getByRole('article').locator('.facts').getByText(text, { exact: true })
    const close = page.getByRole('button', { name: 'Close ticket' })
    await status('In progress').waitFor()
    gateway.sandbox.oneview.fault({ kind: 'status', status: 403, operation: 'close', times: 1 })
    await close.click()
    await page.getByRole('article').getByRole('alert').waitFor()
    await status('In progress').waitFor()
    gateway.sandbox.oneview.fault({ kind: 'latency', ms: 1_500, operation: 'close', times: 1 })
    await close.click()
    await status('Closed').waitFor({ timeout: 1_400 })
    expect(await statusOf(id)).toBe('IN_PROGRESS')
    await page.getByText('The status of the ticket does not allow it.').waitFor()
    expect(await statusOf(id)).toBe('CLOSED')
  })

  it('PAGE-05: shows live what another agent changes, in the list and in the open conversation', async () => {
    const ticket = await verifikTicket()
    await open(library, { ticket })
    await filterBy('In progress')
    await badge('Live')
    await gateway.untilSubscribed(2)
    const { id } = gateway.openTicket()
    await gateway.otherAgentReplies(ticket, 'Written by another agent.')
    await expectCount(entry('Written by another agent.'), 1)
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await gateway.untilSubscribed(2)
    await gateway.otherAgentEscalates(id)
    await row(id).getByText('Escalated').waitFor()
    // A ticket that no longer fits to the filter leaves the list, and one that fits now comes in.
    await filterBy('In progress')
    const leaving = await idOf(rows().filter({ hasText: 'OneView' }).first())
    await gateway.otherAgentEscalates(leaving)
    await expectCount(row(leaving), 0)
    await filterBy('Escalated')
    await row(leaving).waitFor()
    const { id: coming } = gateway.openTicket()
    await gateway.otherAgentEscalates(coming)
    await row(coming).waitFor()
  })

  it('PAGE-06: says in one line which source is missing, and reads the list again', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401, operation: 'list' })
    await open(library)
    await expectCount(rows(), 20)
    const notice = page.getByRole('region', { name: 'Inbox' }).getByRole('status')
    await notice.getByText('OneView refuses our credentials: its tickets are missing.').waitFor()
    await page.getByRole('button', { name: 'Show more' }).click()
    await expectCount(rows(), 40)
    gateway.sandbox.oneview.fault(null)
    await notice.getByRole('button', { name: 'Try again' }).click()
    await expectCount(notice, 0)
    // The list begins anew: the second page of the list without OneView does not follow the first one with it.
    const { tickets } = await gateway.ask('{ tickets(first: 20) { nodes { id } } }')
    const addresses = () =>
      rows()
        .getByRole('link')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    await expect.poll(addresses, patience).toEqual(tickets.nodes.map(({ id }: { id: string }) => `#/tickets/${id}`))
  })

  it('PAGE-07: repeats a query once with a new token when its token has expired', async () => {
    nextTokens.push(gateway.expiredToken)
    await open(library)
    await expectCount(rows(), 20)
    await page.getByRole('button', { name: 'All', exact: true }).waitFor()
    await badge('Live')
    // All queries that were refused together wait for one new token.
    expect(tokens.issued).toBe(2)
    expect(statuses.filter((status) => status === 401)).toHaveLength(statuses.filter((status) => status === 200).length)
  })

  it('PAGE-08: says that the sign-in failed when the new token is refused too', async () => {
    nextTokens.push(...Array.from({ length: 20 }, () => gateway.expiredToken))
    await open(library)
    await page.getByRole('region', { name: 'Inbox' }).getByRole('alert').first().waitFor()
    nextTokens.length = 0
    expect(statuses.every((status) => status === 401)).toBe(true)
    // Two operations, each sent twice.
    expect(statuses.length).toBeLessThanOrEqual(4)
    // Relay also writes a failed operation to the console.
    faults = faults.filter((fault) => !fault.includes('A valid bearer token is needed.'))
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await expectCount(rows(), 20)
  })

  it('PAGE-09: renews the token of the socket, and misses no change meanwhile', async () => {
    tokens.lifetimeSeconds = 4
    await open(library)
    await expectCount(rows(), 20)
    await badge('Live')
    await gateway.untilSubscribed(1)
    const [first, second] = [gateway.openTicket(), gateway.openTicket()]
    await gateway.otherAgentEscalates(first.id)
    await row(first.id).getByText('Escalated').waitFor()
    // The gateway ends the subscription when the token expires. The next token comes after a change.
    const next = Promise.withResolvers<string>()
    nextTokens.push(next.promise)
    await gateway.untilSubscribed(0)
    await gateway.otherAgentEscalates(second.id)
    expect(await row(second.id).getByText('Escalated').count()).toBe(0)
    next.resolve(await gateway.shortToken(3600))
    await row(second.id).getByText('Escalated').waitFor()
    await badge('Live')
  })

  it('PAGE-10: comes back after the network was cut, with the changes of that time', async () => {
    await open(library)
    await expectCount(rows(), 20)
    await badge('Live')
    await gateway.untilSubscribed(1)
    const missed = [gateway.openTicket(), gateway.openTicket(), gateway.openTicket()]
    await gateway.cutNetwork()
    await badge('Reconnecting')
    await gateway.untilSubscribed(0)
    for (const { id } of missed) await gateway.otherAgentEscalates(id)
    await gateway.restoreNetwork()
    await badge('Live')
    for (const { id } of missed) await row(id).getByText('Escalated').waitFor()
  })

  it('PAGE-11: is readable and usable at 1280 and 390 px, by keyboard too', async () => {
    const id = await verifikTicket()
    await open(library)
    await expectCount(rows(), 20)
    expect(await findBarriers()).toEqual([])
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await findBarriers()).toEqual([])
    await rows().first().getByRole('link').focus()
    await page.keyboard.press('Enter')
    const heading = page.getByRole('heading', { level: 2 })
    await expect.poll(() => heading.evaluate((element) => element === document.activeElement), patience).toBe(true)
    expect(await rows().first().isVisible()).toBe(false)
    await page.getByRole('link', { name: 'Back to the list' }).click()
    await rows().first().waitFor()
    await page.goto(`${page.url().split('#')[0]}#/tickets/${encodeURIComponent(id)}`)
    await page.getByLabel('Reply to the customer').waitFor()
    expect(await findBarriers()).toEqual([])
  })
})
