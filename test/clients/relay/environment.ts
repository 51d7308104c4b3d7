import { createClient, type Sink } from 'graphql-ws'
import {
  Environment,
  type FetchFunction,
  Network,
  Observable,
  RecordSource,
  type RequestParameters,
  Store,
  type SubscribeFunction,
  type Variables,
} from 'relay-runtime'
import { resuming } from '../resuming.ts'

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface RelayOptions {
  readonly url: string
  readonly socketUrl: string
  readonly getToken: () => string | undefined
}

export function createRelayEnvironment({ url, socketUrl, getToken }: RelayOptions): Environment {
  const fetchQuery: FetchFunction = async ({ text: query }: RequestParameters, variables: Variables) => {
    const token = getToken()
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    return response.json()
  }
  const socket = resuming(
    createClient({
      url: socketUrl,
      // A function, so that every reconnect sends the present token.
      connectionParams: () => ({ Authorization: `Bearer ${getToken()}` }),
      // The default gives up when a connection is refused, which is how a restart of the gateway looks.
      shouldRetry: () => true,
      retryAttempts: Number.POSITIVE_INFINITY,
    }),
  )
  const subscribe: SubscribeFunction = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text ?? '', variables }, sink as Sink))
  return new Environment({ network: Network.create(fetchQuery, subscribe), store: new Store(new RecordSource()) })
}
