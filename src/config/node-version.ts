/** The oldest major version of Node that runs Deskgraph. `engines` in package.json says the same. */
const requiredMajor = 24

/**
 * What an operator must do about this version of Node, such as `20.20.2`; null when the version is good. The entry files
 * import this file alone before the check: other imports fail in an old Node with a SyntaxError.
 */
export function nodeVersionProblem(version: string): string | null {
  const major = Number.parseInt(version, 10)
  if (major >= requiredMajor) return null
  return `Deskgraph needs Node ${requiredMajor}; this is ${major}. Install Node ${requiredMajor} from https://nodejs.org. On Linux with glibc (x64, arm64) "npm ci" installs it, and "npm start" uses it.`
}
