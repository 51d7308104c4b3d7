import type { Dispatcher } from 'undici'
import type { ConnectionPool } from '../../../src/sources/http-client/connection-pool.ts'
import { createSendOnce, type OutgoingRequest } from '../../../src/sources/http-client/http-exchange.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'

type Options = Dispatcher.DispatchOptions

/** One request as undici was given it. The test plays undici: it calls the handler. */
export interface Dispatched {
  readonly channel: 'shared' | 'repeats' | 'writes'
  readonly options: Options
  readonly handler: Required<Dispatcher.DispatchHandler>
  /** What the handler aborted the request with. */
  readonly aborted: unknown[]
  readonly controller: Dispatcher.DispatchController
  /** Begins the request, as undici does when it writes it. */
  begin(): void
  /** Begins the answer. */
  head(status: number, headers?: Record<string, string>): void
  data(text: string): void
  end(): void
  fail(code: string): Error
}

function record(channel: Dispatched['channel'], options: Options, given: Dispatcher.DispatchHandler): Dispatched {
  const handler = given as Dispatched['handler']
  const aborted: unknown[] = []
  const controller = { abort: (reason: unknown) => void aborted.push(reason) } as unknown as Dispatcher.DispatchController
  return {
    ...{ channel, options, handler, aborted, controller },
    begin: () => handler.onRequestStart(controller, {}),
    head(status, headers = {}) {
      handler.onResponseStarted()
      handler.onResponseStart(controller, status, headers)
    },
    data: (text) => handler.onResponseData(controller, Buffer.from(text)),
    end: () => handler.onResponseEnd(controller, {}),
    fail(code) {
      const cause = Object.assign(new Error('of undici'), { code })
      handler.onResponseError(controller, cause)
      return cause
    },
  }
}

/** Sends over connections that the test plays. At most 20 bytes are read. */
export function startExchange() {
  const dispatched: Dispatched[] = []
  const to = (channel: Dispatched['channel']) => ({
    dispatch(options: Options, handler: Dispatcher.DispatchHandler) {
      dispatched.push(record(channel, options, handler))
      return true
    },
  })
  let released = 0
  const connection = {
    dispatcher: to('shared'),
    served: false,
    release: () => {
      released += 1
    },
  }
  const connections = { acquireForRead: () => connection, forRepeats: to('repeats'), forWrites: to('writes') }
  const sendOnce = createSendOnce(connections as unknown as ConnectionPool, 20, () => 0)
  const controller = new AbortController()
  const answers: unknown[] = []
  const send = (changes: Partial<OutgoingRequest> = {}) => {
    const usual: OutgoingRequest = { operation: 'a', method: 'GET', path: '/a', headers: ['b', 'c'], body: null, isRead: true }
    const onAnswer = (...answer: unknown[]) => void answers.push(answer)
    return sendOnce({ ...usual, ...changes, onAnswer }, controller.signal).catch((error: unknown) => error)
  }
  /** The read that a test is about: it is begun. */
  const read = (changes: Partial<OutgoingRequest> = {}) => {
    const result = send(changes)
    dispatched[0]!.begin()
    return { result, sent: dispatched[0]! }
  }
  const abort = (kind: UpstreamError['kind']) => controller.abort(new UpstreamError(kind, { sent: false }))
  return { dispatched, connection, released: () => released, answers, send, read, abort, signal: controller.signal }
}

/** Lets what is settled go on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve))
