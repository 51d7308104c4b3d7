import { type Clock, now } from '../domain/clock.ts'
import type { ReplaySelection } from '../domain/delivery.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import { type BulkResult, bulkRejected, toUserError } from '../domain/writes.ts'
import type { DeliveryStore, EndpointRef, StoppedState } from './delivery-store.ts'
import type { Outbox } from './outbox.ts'
import type { PartnerDirectory } from './partner-directory.ts'

/** Starts many deliveries again: at the request of an operator, and when an endpoint is switched on. */
export interface DeliveryRestart {
  replayMany(selection: ReplaySelection): Promise<BulkResult>
  enablePartner(sourceKey: string, partner: string): Promise<BulkResult>
  /** Sends held deliveries whose endpoint is not switched off any more, by a replay, a new address, or another replica. */
  releaseHeld(): Promise<void>
}

export interface DeliveryRestartDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly outbox: Outbox
  readonly directories: readonly PartnerDirectory[]
  readonly clock: Clock
}

/** Deliveries in one transaction: the embedded database does nothing else meanwhile. */
const batchSize = 50
/** Held deliveries that `enablePartner` sends itself. */
const enableLimit = 500
/** Held deliveries of one partner that one run of `releaseHeld` sends. It runs every minute. */
const releaseLimit = 5_000

const heldOnly: readonly StoppedState[] = ['HELD']
const stoppedStates: ReadonlySet<string> = new Set<StoppedState>(['FAILED', 'HELD', 'DEAD'])

/** Creates the restarts of the delivery service. */
export function createDeliveryRestart(deps: DeliveryRestartDeps): DeliveryRestart {
  return {
    async replayMany({ partner, states, sourceKeys, limit }) {
      if (states.some((state) => !stoppedStates.has(state)))
        return bulkRejected('INVALID', 'Only deliveries that are FAILED, HELD or DEAD can be replayed together.', 'state')
      const endpoints = findEndpoints(deps.directories, partner, (key) => sourceKeys.includes(key))
      if (endpoints.length === 0) return unknownPartner
      return inTurn(endpoints, limit, partner, deps.clock, (endpoint, most, count) =>
        restart(deps, { endpoint, states: states as readonly StoppedState[], limit: most, count, enable: true }),
      )
    },
    async enablePartner(sourceKey, partner) {
      const endpoints = findEndpoints(deps.directories, partner, (key) => key === sourceKey)
      if (endpoints.length === 0) return unknownPartner
      return inTurn(endpoints, enableLimit, `${sourceKey}/${partner}`, deps.clock, async (endpoint, most, count) => {
        await deps.store.transaction((tx) => deps.deliveries.enableEndpoint(tx, endpoint))
        await restart(deps, { endpoint, states: heldOnly, limit: most, count, enable: false })
      })
    },
    releaseHeld: () => releaseHeld(deps),
  }
}

const unknownPartner = bulkRejected('NOT_FOUND', 'No routing file that you may see names a partner with this key.', 'partner')

async function releaseHeld(deps: DeliveryRestartDeps): Promise<void> {
  const held = (await deps.deliveries.countStopped()).filter(({ state }) => state === 'HELD')
  const endpoints = held.flatMap(({ sourceKey, market, partner }) =>
    findEndpoints(deps.directories, partner, (key) => key === sourceKey).filter((endpoint) => endpoint.market === market),
  )
  const disabled = new Set(await deps.deliveries.findDisabled(endpoints))
  for (const endpoint of endpoints) {
    if (disabled.has(endpoint)) continue
    await restart(deps, { endpoint, states: heldOnly, limit: releaseLimit, count() {}, enable: false })
  }
}

/** The endpoints of a partner in every market, by the present configuration. */
function findEndpoints(
  directories: readonly PartnerDirectory[],
  partner: string,
  isSource: (sourceKey: string) => boolean,
): readonly EndpointRef[] {
  return directories
    .filter(({ sourceKey }) => isSource(sourceKey))
    .flatMap((directory) =>
      directory.partners().flatMap((ref) => {
        const endpoint = ref.partner === partner ? directory.findPartner(ref.market, ref.partner) : null
        return endpoint ? [{ ...ref, url: endpoint.url }] : []
      }),
    )
}

/**
 * Acts on one endpoint after the other until `limit` deliveries were started. Each batch commits by itself: a failure of the database
 * leaves what was done before, and is in `userErrors`.
 */
async function inTurn(
  endpoints: readonly EndpointRef[],
  limit: number,
  subject: string,
  clock: Clock,
  act: (endpoint: EndpointRef, most: number, count: (started: number) => void) => Promise<void>,
): Promise<BulkResult> {
  let done = 0
  const count = (started: number) => {
    done += started
  }
  try {
    for (const endpoint of endpoints) await act(endpoint, limit - done, count)
    return { subject, done, failed: 0, userErrors: [] }
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    return { subject, done, failed: 0, userErrors: [toUserError(error, clock())], failure: error }
  }
}

interface Restart {
  readonly endpoint: EndpointRef
  readonly states: readonly StoppedState[]
  readonly limit: number
  /** Called after each commit with the number of deliveries in it. */
  readonly count: (started: number) => void
  /** Switches the endpoint on when at least one delivery was started. */
  readonly enable: boolean
}

/** Starts the deliveries of one endpoint again, the oldest first. */
async function restart(deps: DeliveryRestartDeps, { endpoint, states, limit, count, enable }: Restart): Promise<void> {
  const { store, deliveries, outbox, clock } = deps
  await outbox.open(endpoint)
  for (let left = limit; left > 0; ) {
    const most = Math.min(left, batchSize)
    const started = await store.transaction(async (tx) => {
      const restarted = await deliveries.restart(tx, { partner: endpoint, states, limit: most }, now(clock))
      if (enable && restarted.length > 0) await deliveries.enableEndpoint(tx, endpoint)
      for (const delivery of restarted) await outbox.enqueue(tx, delivery)
      return restarted.length
    })
    count(started)
    left -= started
    if (started < most) return
  }
}
