/** What was opened, to be closed in the opposite order. */
export interface Closing {
  add(step: () => Promise<unknown>): void
  /** One step's failure does not keep the others open. */
  close(): Promise<void>
}

export function createClosing(): Closing {
  const steps: (() => Promise<unknown>)[] = []
  return {
    add: (step) => void steps.push(step),
    async close() {
      for (let step = steps.pop(); step; step = steps.pop()) await step().catch(() => undefined)
    },
  }
}
