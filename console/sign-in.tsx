import { type FormEvent, useEffect, useRef, useState } from 'react'

/** A viewer, as the gateway names them. */
interface Viewer {
  readonly key: string
  readonly email: string | null
}

export interface SignInProps {
  readonly token: string | null
  /** null: signed out. */
  onToken(token: string | null): void
}

/** One token for all tabs. It is kept in the memory of the page and nowhere else: a reload signs out. */
export function SignIn({ token, onToken }: SignInProps) {
  const [status, setStatus] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const signOutButton = useRef<HTMLButtonElement>(null)
  const hasChanged = useRef(false)

  // The form replaces the element that had the focus.
  useEffect(() => {
    if (!hasChanged.current) return
    if (token === null) input.current?.focus()
    else signOutButton.current?.focus()
  }, [token])

  const change = (next: string | null) => {
    hasChanged.current = true
    onToken(next)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = readToken(input.current?.value ?? '')
    if (given === '') return setStatus('Paste a token first.')
    const result = await askViewer(given)
    if (typeof result === 'string') return setStatus(result)
    setStatus(result.key === 'anonymous' ? 'This gateway needs no token.' : `Signed in as ${result.email ?? result.key}.`)
    change(given)
  }
  const signOut = () => {
    setStatus('Signed out.')
    change(null)
  }
  return (
    <form className="sign-in" onSubmit={(event) => void submit(event)}>
      {token === null ? (
        <>
          <label htmlFor="token">Token</label>
          {/* Not a password field: browsers offer to store those. */}
          <input ref={input} id="token" type="text" autoComplete="off" spellCheck={false} data-1p-ignore data-lpignore="true" />
          <button type="submit">Sign in</button>
        </>
      ) : (
        <button ref={signOutButton} type="button" onClick={signOut}>
          Sign out
        </button>
      )}
      <output className="status">{status}</output>
    </form>
  )
}

/** The token of what people paste: also a whole header, and with line breaks. */
export function readToken(pasted: string): string {
  return pasted.replace(/^\s*(?:authorization\s*:)?\s*(?:bearer\s)?/i, '').replace(/\s+/g, '')
}

/** The viewer of a token, or a sentence that says why there is none. */
async function askViewer(token: string): Promise<Viewer | string> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { key email } }' }),
    })
    if (response.status === 401) return 'The gateway refuses this token. The log of the gateway names the claim.'
    const { data, errors } = (await response.json()) as { data?: { viewer: Viewer } | null; errors?: { message: string }[] }
    return data?.viewer ?? errors?.[0]?.message ?? `The gateway answered with the status ${response.status}.`
  } catch {
    return 'The gateway does not answer, or the token has characters that no token has.'
  }
}
