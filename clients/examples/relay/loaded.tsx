import { Component, type ReactNode, Suspense, startTransition, useCallback, useEffect } from 'react'
import { type PreloadedQuery, useQueryLoader } from 'react-relay'
import type { GraphQLTaggedNode, OperationType } from 'relay-runtime'
import { Failure, Loading } from '../shared/inbox.tsx'

interface LoadedProps<Query extends OperationType> {
  readonly query: GraphQLTaggedNode
  /** The same object as long as they are the same variables. */
  readonly variables: Query['variables']
  /** What is loaded, in words. */
  readonly what: string
  /** Shown while it loads and when it failed; default: words that say so. */
  readonly instead?: ReactNode
  readonly children: (reference: PreloadedQuery<Query>, reload: () => void) => ReactNode
}

/**
 * Reads a query from the gateway and shows `children` with the answer. An answer that is in the store already is not enough here: a
 * subscription begins behind the `changeCursor` of this answer, and the list has to be as new.
 */
export function Loaded<Query extends OperationType>({ query, variables, what, instead, children }: LoadedProps<Query>) {
  const [reference, load, dispose] = useQueryLoader<Query>(query)
  const read = useCallback(() => load(variables, { fetchPolicy: 'network-only' }), [load, variables])
  useEffect(() => {
    read()
    return dispose
  }, [read, dispose])
  // In a transition the old answer stays on the page until the new one is there.
  const reload = useCallback(() => startTransition(read), [read])
  const loading = instead ?? <Loading what={what} />
  if (!reference) return loading
  return (
    <Suspense fallback={loading}>
      <ErrorBoundary key={reference.fetchKey} failure={(error) => instead ?? <Failure error={error} onRetry={read} />}>
        {children(reference, reload)}
      </ErrorBoundary>
    </Suspense>
  )
}

interface ErrorBoundaryProps {
  readonly failure: (error: Error) => ReactNode
  readonly children: ReactNode
}

/** Relay throws what it cannot read. */
class ErrorBoundary extends Component<ErrorBoundaryProps, { error?: Error }> {
  override state: { error?: Error } = {}
  static getDerivedStateFromError(error: Error) {
    return { error }
  }
  override render() {
    const { error } = this.state
    return error ? this.props.failure(error) : this.props.children
  }
}
