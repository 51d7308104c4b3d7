import type { GetToken } from './resume.ts'

/** The tokens of one connection after the other: says when a refused one is worth another attempt. */
export interface Tokens {
  /** The token for the next connection. */
  next(): Promise<string | undefined>
  /** The gateway has taken the token. */
  accepted(): void
  /**
   * The gateway has refused the token, or its time is over. True: try again with a new one. False: the new one was refused too, so the user
   * has to sign in. The same reason gives the same answer, because several subscriptions share a connection.
   */
  refused(reason: object): boolean
}

export function createTokens(getToken: GetToken): Tokens {
  const verdicts = new WeakMap<object, boolean>()
  let renew = false
  let isAccepted = false
  return {
    async next() {
      isAccepted = false
      return getToken({ renew })
    },
    accepted() {
      isAccepted = true
      renew = false
    },
    refused(reason) {
      const known = verdicts.get(reason)
      if (known !== undefined) return known
      const again = isAccepted || !renew
      renew = again
      isAccepted = false
      verdicts.set(reason, again)
      return again
    },
  }
}
