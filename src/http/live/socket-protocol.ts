import type { IncomingMessage } from 'node:http'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { type Context, makeServer, type ServerOptions, type SubscribePayload } from 'graphql-ws'
import { DeskgraphError, errorCodes } from '../../domain/errors.ts'
import { type PullStream, singleValueStream } from '../../domain/pull-stream.ts'
import type { GraphContext } from '../../graphql/context.ts'
import { formatError } from '../../graphql/errors.ts'
import { stringifyResult } from '../../graphql/stringify.ts'
import { executeLive, type LiveOperation, subscribe } from '../../graphql/subscribe.ts'
import { createNextFrames } from '../../performance/next-frames.ts'
import { readOperation } from './live-operation.ts'
import { type LiveDeps, openSession, type Session } from './session.ts'

/** One WebSocket connection. */
export interface Connection {
  readonly request: IncomingMessage
  readonly requestId: string
  /** A promise where too much waits for the client already: it resolves when that has been taken. */
  sendFrames(frames: Buffer): Promise<void> | undefined
  /** The signed-in viewer; absent before `connection_init`. */
  session?: Session
  onSession(session: Session): void
}

type Connected = Context<Record<string, unknown> | undefined, Connection>

/** graphql-transport-ws over our own documents, limits and plans. */
export function createSocketProtocol(deps: LiveDeps) {
  const frames = createNextFrames()
  const options: ServerOptions<Record<string, unknown> | undefined, Connection> = {
    onConnect: (context) => connect(context, deps),
    onSubscribe: (context, _id, payload) => begin(context, payload, deps),
    subscribe: (args) => bodiesOf(args as LiveArgs, deps) as never,
    execute: (args) => bodyOf(args as LiveArgs, deps) as never,
    onOperation: ({ extra }, id, _payload, args, bodies) =>
      sendAll(bodies as unknown as Bodies, (some) => extra.sendFrames(frames.of(id, some)), (args as LiveArgs).stop) as never,
    onError: ({ extra: { requestId } }, _id, _payload, errors) =>
      errors.map((error) => formatError(error.toJSON(), error, { ...deps.graph.answerOptions, requestId })),
  }
  return makeServer(options)
}

/** Signs in by `Authorization` in the connection's parameters, or by the header where a client can send one. */
async function connect({ connectionParams, extra }: Connected, deps: LiveDeps): Promise<boolean> {
  const given = connectionParams?.Authorization ?? connectionParams?.authorization
  const headers = typeof given === 'string' ? { authorization: given } : extra.request.headers
  try {
    extra.session = openSession(await deps.authenticate(headers), deps)
    extra.onSession(extra.session)
    return true
  } catch {
    return false
  }
}

interface LiveArgs extends ExecutionArgs {
  readonly operation: LiveOperation
  readonly contextValue: GraphContext
  stop(): void
}

async function begin(
  { extra, subscriptions }: Connected,
  payload: SubscribePayload,
  deps: LiveDeps,
): Promise<LiveArgs | readonly GraphQLError[]> {
  const { requestId, request, session } = extra
  try {
    if (!session?.currentViewer()) throw new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.')
    await deps.admit?.(session.viewer, request)
    if (Object.keys(subscriptions).length > deps.limits.subscriptionsPerConnection) throw tooMany(deps)
    const read = readOperation(deps.graph, payload, deps.trusted?.resolve)
    if (read.invalid) return read.invalid
    const { document, operationName, variables } = read.operation
    const own = new AbortController()
    const call = { viewer: session.viewer, requestId, signal: AbortSignal.any([session.signal, own.signal]) }
    return {
      schema: deps.graph.schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: deps.createContext({ call, currentViewer: session.currentViewer }),
      operation: read.operation,
      stop: () => own.abort(new Error('The subscription was ended.')),
    }
  } catch (error) {
    return [toGraphQLError(error)]
  }
}

/** As many at a time as have come. */
type Bodies = PullStream<readonly string[]>

function bodyOf({ operation, contextValue }: LiveArgs, { graph }: LiveDeps): Bodies {
  return singleValueStream(executeLive(graph, operation, contextValue).then((body) => [body]))
}

async function bodiesOf({ operation, contextValue }: LiveArgs, { graph }: LiveDeps): Promise<Bodies> {
  const events = await subscribe(graph, operation, contextValue)
  return Symbol.asyncIterator in events ? events : singleValueStream(Promise.resolve([stringifyResult(events)]))
}

/** So that what waits for a slow client stays bounded. */
const mostAtOnce = 16

/**
 * Sends the bodies itself, because it is JSON text already and the library would parse and write it again.
 * To the library it is a stream without events, which it completes at its end and returns from when the client leaves.
 */
function sendAll(
  bodies: Bodies,
  send: (bodies: readonly string[]) => Promise<void> | undefined,
  stop: () => void,
): AsyncIterableIterator<never> {
  const ended = { done: true, value: undefined } as const
  return {
    async next() {
      try {
        do {
          for (let some = bodies.poll(); some; some = bodies.poll()) {
            for (let at = 0; at < some.length; at += mostAtOnce) {
              const full = send(some.slice(at, at + mostAtOnce))
              if (full) await full
            }
          }
        } while (await bodies.ready())
        return ended
      } finally {
        bodies.cancel()
      }
    },
    async return() {
      stop()
      return ended
    },
    async throw(error) {
      stop()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function tooMany({ limits }: LiveDeps): DeskgraphError {
  const most = limits.subscriptionsPerConnection
  return new DeskgraphError('BAD_REQUEST', `More than ${most} operations on one connection (limits.subscriptionsPerConnection).`)
}

function toGraphQLError(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error))
  const code = error instanceof DeskgraphError ? error.code : 'INTERNAL_SERVER_ERROR'
  return new GraphQLError(originalError.message, { originalError, extensions: { code, ...errorCodes[code] } })
}
