/** The labels that a metric's text names in its brackets: "Calls to sources [source, operation]". */
export function labelsOf(text: string): string[] {
  const names = /\[([^\]]*)\]/.exec(text)?.[1]
  return names === undefined ? [] : names.split(',').map((name) => name.trim())
}

export function helpOf(text: string): string {
  return text.replace(/\s*\[[^\]]*\]/, '')
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const calls = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

/** Histograms measure seconds, from a millisecond up, unless they count calls. */
export function bucketsOf(name: string): number[] {
  return name.endsWith('_calls') ? calls : seconds
}
