import { createSourceEventStream, type DocumentNode, type FormattedExecutionResult, GraphQLError } from 'graphql'
import type { Viewer } from '../domain/call.ts'
import { PullStream } from '../domain/pull-stream.ts'
import type { GraphContext } from './context.ts'
import { isPromise } from './executor.ts'
import type { Graph } from './graph.ts'
import { type Operation, siteOf } from './operation-pipeline.ts'

/** What a payload depends on besides its event and the viewer's rights. */
export interface OperationKey {
  /** Validated; the same object for the same text. */
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** Payloads that several subscribers of one event get. `src/performance` has the implementation. */
export interface SharedPayloads {
  /** The payloads for all operations with this key and with the rights of this viewer. */
  of(key: OperationKey, viewer: Viewer): PayloadsOfOperation
}

/** Keeps a payload as long as its event. */
export interface PayloadsOfOperation {
  /** The JSON text for this event; undefined: not written yet. */
  find(event: object): string | undefined
  /** Nothing in the JSON text may depend on more than the operation's key and the viewer's rights. */
  keep(event: object, payload: string): void
}

/** One operation of a live transport. */
export type LiveOperation = Operation<GraphContext>

/**
 * The responses to a subscription's events, as many at a time as are ready; or the result that says why there are none.
 * A stream that fails ends with the error as its last response.
 */
export function subscribe(graph: Graph, operation: LiveOperation): Subscribed<FormattedExecutionResult> {
  return open(graph, operation, { write: (result) => result, shared: undefined, wrap: (result) => result })
}

/** The same as JSON text. Subscribers with the same rights that asked for the same share it where the graph has shared payloads. */
export function subscribeToTexts(graph: Graph, operation: LiveOperation): Subscribed<string> {
  return open(graph, operation, { ...textOutput(graph, operation), wrap: (text) => text })
}

/** A response as JSON text. */
export interface EventText {
  readonly text: string
  /** The cursor behind the event, at which the client can resume; null: an error, or an event without a cursor. */
  readonly cursor: string | null
}

/** The same as JSON texts with the cursors of their events. */
export function subscribeToEventTexts(graph: Graph, operation: LiveOperation): Subscribed<EventText> {
  return open(graph, operation, { ...textOutput(graph, operation), wrap: (text, event) => ({ text, cursor: cursorOf(event) }) })
}

function textOutput(graph: Graph, operation: LiveOperation): Pick<Output<string, unknown>, 'write' | 'shared'> {
  return { write: graph.pipeline.stringify, shared: graph.sharedPayloads?.of(operation, operation.context.viewer) }
}

function cursorOf(event: object | null): string | null {
  return event && 'cursor' in event && typeof event.cursor === 'string' ? event.cursor : null
}

type Subscribed<T> = Promise<PullStream<readonly T[]> | FormattedExecutionResult>

interface Output<Payload, Response> {
  write(result: FormattedExecutionResult): Payload
  readonly shared: { find(event: object): Payload | undefined; keep(event: object, payload: Payload): void } | undefined
  /** `event` is null for the error that ends the stream. */
  wrap(payload: Payload, event: object | null): Response
}

async function open<Payload, Response>(
  graph: Graph,
  operation: LiveOperation,
  output: Output<Payload, Response>,
): Subscribed<Response> {
  const { document, operationName, variables, context } = operation
  const stream = await createSourceEventStream({
    schema: graph.schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: context,
  })
  // Every subscription field of the schema returns a PullStream.
  if (Symbol.asyncIterator in stream) return new EventResponses(graph, operation, stream as PullStream<object>, output)
  const site = siteOf(operation)
  return { errors: (stream.errors ?? []).map((error) => graph.errors.toClientError(error, site)) }
}

/** Turns events into responses, all that are ready at a time. */
class EventResponses<Payload, Response> extends PullStream<readonly Response[]> {
  readonly #graph: Graph
  readonly #operation: LiveOperation
  readonly #output: Output<Payload, Response>
  readonly #events: PullStream<object>
  #written: Response[] = []
  /** Set while the response to an event waits for a resolver. Later events wait behind it; earlier responses do not. */
  #pending: Promise<boolean> | null = null
  #ended = false

  constructor(graph: Graph, operation: LiveOperation, events: PullStream<object>, output: Output<Payload, Response>) {
    super()
    this.#graph = graph
    this.#operation = operation
    this.#output = output
    this.#events = events
  }

  poll(): readonly Response[] | undefined {
    try {
      this.#writeReadyEvents()
    } catch (error) {
      this.#fail(error)
    }
    if (this.#written.length === 0) return undefined
    const written = this.#written
    this.#written = []
    return written
  }

  ready(): Promise<boolean> {
    return this.#ended ? Promise.resolve(false) : (this.#pending ?? this.#events.ready())
  }

  cancel(): void {
    this.#ended = true
    this.#events.cancel()
  }

  #writeReadyEvents(): void {
    while (!this.#pending && !this.#ended) {
      const event = this.#events.poll()
      if (event === undefined) return
      const response = this.#respond(event)
      if (isPromise(response)) this.#pending = this.#await(response, event)
      else this.#written.push(this.#output.wrap(response, event))
    }
  }

  async #await(coming: PromiseLike<Payload>, event: object): Promise<boolean> {
    try {
      this.#written.push(this.#output.wrap(await coming, event))
    } catch (error) {
      this.#fail(error)
    }
    this.#pending = null
    return true
  }

  #fail(error: unknown): void {
    this.cancel()
    const errors = [this.#graph.errors.toClientError(toGraphQLError(error), siteOf(this.#operation))]
    this.#written.push(this.#output.wrap(this.#output.write({ errors }), null))
  }

  /**
   * A response that was written without waiting holds nothing that was looked up for its viewer, so that it is the same for every
   * subscriber with the same rights. One with errors names its request and is not shared.
   */
  #respond(event: object): Payload | PromiseLike<Payload> {
    const { write, shared } = this.#output
    const known = shared?.find(event)
    if (known !== undefined) return known
    const result = this.#graph.pipeline.respondToEvent(this.#operation, event)
    if (isPromise(result)) return Promise.resolve(result).then(write)
    const payload = write(result)
    if (!result.errors) shared?.keep(event, payload)
    return payload
  }
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  return new GraphQLError('The subscription ended.', { originalError: error instanceof Error ? error : new Error(String(error)) })
}
