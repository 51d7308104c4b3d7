import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type ClientGateway, sharedGateway } from './gateway.ts'

/** A page over the client under test. It shows what docs/clients.md describes. */
export interface ClientUnderTest {
  /**
   * The page for one user with a new client. It shows a list of tickets with their status and a button "Close" each, a button
   * "More" for the next page, the sources that are missing (role `status`), and an error of the client (role `alert`).
   */
  openPage(options: PageOptions): ReactNode
  /** What the client shows when no source has answered: its error, or the sources that are missing from the empty page. */
  readonly allFailed: RegExp
  /** What the client shows when the gateway answers 401. */
  readonly signInNeeded: RegExp
}
export interface PageOptions {
  readonly url: string
  readonly getToken: () => string | undefined
  readonly filter: { readonly sources?: readonly string[]; readonly status?: readonly 'IN_PROGRESS'[] }
}

/** The conversation that every client for React has with the gateway. */
export function holdConversation({ openPage, allFailed, signInNeeded }: ClientUnderTest): void {
  let gateway: ClientGateway
  beforeAll(async () => {
    gateway = await sharedGateway()
  })
  /** A client that lacks configuration says so on the console. */
  const warnings = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level))
  afterAll(() => vi.restoreAllMocks())
  afterEach(async () => {
    cleanup()
    expect(warnings.flatMap(({ mock }) => mock.calls)).toEqual([])
    gateway.sandbox.oneview.fault(null)
    await gateway.untilSubscribed(0)
  })

  const open = (options: Partial<PageOptions> = {}) => {
    const { url, token } = gateway
    // React would write the errors that an error boundary catches to the console.
    render(openPage({ url, getToken: () => token, filter: inProgress, ...options }), {
      onCaughtError: () => undefined,
    })
  }
  /** The rows, once there are this many. */
  const rows = async (count: number): Promise<HTMLElement[]> => {
    await expect.poll(() => screen.queryAllByRole('listitem').length, patience).toBe(count)
    return screen.getAllByRole('listitem')
  }

  test('shows a page of tickets, and adds the next page to it', async () => {
    open()
    const firstPage = (await rows(5)).map(({ id }) => id)
    fireEvent.click(screen.getByRole('button', { name: 'More' }))
    const both = (await rows(10)).map(({ id }) => id)
    expect(both.slice(0, 5)).toEqual(firstPage)
    expect(new Set(both).size).toBe(10)
    // The label comes from a fragment on the interface TicketReason, and is the title where OneView tells a reason.
    const [row] = screen.getAllByRole('listitem')
    expect(row?.textContent).toMatch(/^(.+) \(\1\): IN_PROGRESS/)
    expect(screen.queryByRole('status')).toBeNull()
  })

  test('shows the tickets of the other sources while one fails, and names it', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    open({ filter: {} })
    await rows(5)
    expect(screen.getByRole('status').textContent).toBe('Missing: OneView')
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('says so when no source has answered', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    open()
    const said = () => (screen.queryByRole('alert') ?? screen.queryByRole('status'))?.textContent
    await expect.poll(said, patience).toMatch(allFailed)
  })

  test('shows the ticket as a mutation left it', async () => {
    open()
    const [row] = await rows(5)
    expect(row?.textContent).toContain('IN_PROGRESS')
    fireEvent.click(within(row!).getByRole('button', { name: 'Close' }))
    await expect.poll(() => row?.textContent, patience).toContain('CLOSED')
  })

  test('shows live what another agent changes', async () => {
    open()
    const [row] = await rows(5)
    await gateway.untilSubscribed(1)
    await gateway.otherAgentEscalates(row!.id)
    await expect.poll(() => row?.textContent, patience).toContain('ESCALATED')
  })

  test('comes back after the network was cut, and shows what happened meanwhile', async () => {
    open()
    const [first, second, third] = await rows(5)
    await gateway.untilSubscribed(1)
    await gateway.otherAgentEscalates(first!.id)
    await expect.poll(() => first?.textContent, patience).toContain('ESCALATED')
    await gateway.cutNetwork()
    await gateway.untilSubscribed(0)
    await gateway.otherAgentEscalates(second!.id)
    await gateway.restoreNetwork()
    await expect.poll(() => second?.textContent, patience).toContain('ESCALATED')
    await gateway.otherAgentEscalates(third!.id)
    await expect.poll(() => third?.textContent, patience).toContain('ESCALATED')
  })

  test('goes on with a fresh token when its token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 5000
    const shortToken = await gateway.shortToken(5)
    let renewed = false
    open({
      getToken() {
        renewed = Date.now() >= expiresAt
        return renewed ? gateway.token : shortToken
      },
    })
    const [row] = await rows(5)
    await gateway.untilSubscribed(1)
    await expect.poll(() => renewed, patience).toBe(true)
    await gateway.untilSubscribed(1)
    await gateway.otherAgentEscalates(row!.id)
    await expect.poll(() => row?.textContent, patience).toContain('ESCALATED')
  })

  test.each(['no token', 'an expired token'])('says that a sign-in is needed, with %s', async (given) => {
    open({ getToken: () => (given === 'no token' ? undefined : gateway.expiredToken) })
    await expect.poll(() => screen.queryByRole('alert')?.textContent, patience).toMatch(signInNeeded)
  })
}

const inProgress: PageOptions['filter'] = { sources: ['oneview'], status: ['IN_PROGRESS'] }
const patience = { timeout: 30_000 }
