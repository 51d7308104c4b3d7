import { Component, type ReactNode, Suspense, useState } from 'react'
import { Failure, Loading } from '../shared/inbox.tsx'

interface BoundaryProps {
  /** What is loaded, in words. */
  readonly what: string
  /** Shown while it loads and when it failed; default: words that say so. */
  readonly instead?: ReactNode
  /** `attempt` is the `fetchKey` of the query: another number reads it again. */
  readonly children: (attempt: number, reload: () => void) => ReactNode
}

/** Relay suspends while it reads, and throws what it cannot read. */
export function Boundary({ what, instead, children }: BoundaryProps) {
  const [attempt, setAttempt] = useState(0)
  const reload = () => setAttempt((last) => last + 1)
  return (
    <ErrorBoundary key={attempt} failure={(message) => instead ?? <Failure message={message} onRetry={reload} />}>
      <Suspense fallback={instead ?? <Loading what={what} />}>{children(attempt, reload)}</Suspense>
    </ErrorBoundary>
  )
}

interface ErrorBoundaryProps {
  readonly failure: (message: string) => ReactNode
  readonly children: ReactNode
}

class ErrorBoundary extends Component<ErrorBoundaryProps, { error?: Error }> {
  override state: { error?: Error } = {}
  static getDerivedStateFromError(error: Error) {
    return { error }
  }
  override render() {
    const { error } = this.state
    return error ? this.props.failure(error.message) : this.props.children
  }
}
