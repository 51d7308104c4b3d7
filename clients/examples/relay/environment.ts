import { missingFieldHandlers } from '@deskgraph/client/relay'
import type { Sink } from 'graphql-ws'
import { Environment, type FetchFunction, Network, Observable, RecordSource, Store, type SubscribeFunction } from 'relay-runtime'
import type { Session } from '../shared/session.ts'

export function createRelayEnvironment(session: Session): Environment {
  const fetchQuery: FetchFunction = async ({ text: query }, variables) => {
    const body = JSON.stringify({ query, variables })
    const response = await session.fetch(session.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return response.json()
  }
  const subscribe: SubscribeFunction = ({ text }, variables) =>
    Observable.create((sink) => session.socket.subscribe({ query: text ?? '', variables }, sink as Sink))
  return new Environment({
    network: Network.create(fetchQuery, subscribe),
    store: new Store(new RecordSource()),
    missingFieldHandlers,
  })
}
