import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'

/** A simulated system, as GET /graphql/sandbox describes it. */
interface SandboxSystem {
  readonly key: string
  readonly label: string
  readonly faults: readonly { readonly name: string; readonly label: string; readonly effect: string }[]
  readonly fault: string | null
}

/** True where the gateway runs the sandbox, and this browser is on its machine. */
export function hasSandbox(): boolean {
  return document.querySelector('meta[name="deskgraph-sandbox"]')?.getAttribute('content') === 'on'
}

/** The faults of the simulated systems: a button that shows and hides them, and says how many are set. */
export function SandboxPanel() {
  const [isOpen, setOpen] = useState(false)
  const [systems, setSystems] = useState<readonly SandboxSystem[]>([])
  const [problem, setProblem] = useState('')
  const toggle = useRef<HTMLButtonElement>(null)

  const call = useCallback(async (path: string, init?: RequestInit) => {
    try {
      const response = await fetch(`/graphql/sandbox${path}`, init)
      const body = (await response.json()) as { systems?: SandboxSystem[]; errors?: { message: string }[] }
      if (body.systems) setSystems(body.systems)
      setProblem(body.errors?.[0]?.message ?? '')
    } catch {
      setProblem('The gateway does not answer.')
    }
  }, [])
  // A test or another page may have set a fault.
  useEffect(() => void call(''), [call])

  const setFault = (system: string, fault: string | null) =>
    call(`/${system}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fault }) })
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape') return
    setOpen(false)
    toggle.current?.focus()
  }
  const count = systems.filter(({ fault }) => fault !== null).length
  return (
    <>
      <button ref={toggle} type="button" className="sandbox-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Sandbox{count > 0 ? ` (${count} ${count === 1 ? 'fault' : 'faults'})` : ''}
      </button>
      {isOpen && (
        <section className="sandbox" aria-label="Faults of the sandbox" onKeyDown={closeOnEscape}>
          <p>Make a system fail, and see what your page shows. An open circuit breaker tries a system again within 30 seconds.</p>
          {problem && <p role="alert">{problem}</p>}
          {systems.map((system) => (
            <System key={system.key} system={system} onFault={(fault) => void setFault(system.key, fault)} />
          ))}
        </section>
      )}
    </>
  )
}

interface SystemProps {
  readonly system: SandboxSystem
  onFault(fault: string | null): void
}

/** One system with a button for each of its faults. The effect of the present one stands below. */
function System({ system: { key, label, faults, fault }, onFault }: SystemProps) {
  const present = faults.find(({ name }) => name === fault)
  return (
    <fieldset className="system">
      <legend>{label}</legend>
      <div className="faults">
        <button type="button" aria-pressed={fault === null} onClick={() => onFault(null)}>
          Normal
        </button>
        {faults.map(({ name, label: text, effect }) => (
          <button key={name} type="button" aria-pressed={fault === name} title={effect} onClick={() => onFault(name)}>
            {text}
          </button>
        ))}
      </div>
      <output id={`effect-${key}`}>{present?.effect ?? ''}</output>
    </fieldset>
  )
}
