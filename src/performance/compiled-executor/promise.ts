export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

/** Fails with `error` once the others have come to an end, so that none of them fails unheard. */
export function failAfter(error: unknown, pending: readonly unknown[]): Promise<never> {
  const fail = () => {
    throw error
  }
  return Promise.all(pending).then(fail, fail)
}

/** What is still under way is no longer asked for; that it fails then is nobody's concern. */
export function ignoreFailures(pending: readonly unknown[]): void {
  Promise.all(pending).catch(() => undefined)
}
