import { missingFieldHandlers } from '@deskgraph/client/relay'
import { createSocketClient } from '@deskgraph/client/ws'
import type { Sink } from 'graphql-ws'
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

/** Where the gateway is, and how to get the user's present token; undefined: not signed in. */
export interface RelayOptions {
  readonly url: string
  readonly getToken: () => string | undefined
}

export function createRelayEnvironment({ url, getToken }: RelayOptions): Environment {
  const fetchQuery: FetchFunction = async ({ text: query }: RequestParameters, variables: Variables) => {
    const token = getToken()
    const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    return response.json()
  }
  const socket = createSocketClient({ url, getToken })
  const subscribe: SubscribeFunction = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text ?? '', variables }, sink as Sink))
  const network = Network.create(fetchQuery, subscribe)
  return new Environment({ network, store: new Store(new RecordSource()), missingFieldHandlers })
}
