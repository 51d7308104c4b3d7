import { nodeVersionProblem } from './config/node-version.ts'

// An old Node cannot link modules that import what it does not have. Therefore every other import follows the check.
const problem = nodeVersionProblem(process.versions.node)
if (problem !== null) {
  console.error(problem)
  process.exit(1)
}

if (process.env.DESKGRAPH_PERFORMANCE !== 'off') {
  const { openCodeCache } = await import('./performance/code-cache.ts')
  openCodeCache()
}

if (process.sourceMapsEnabled) {
  // Stack traces show lines of our sources. To load the source maps of all packages would slow the start.
  const { setSourceMapsSupport } = await import('node:module')
  setSourceMapsSupport(true, { nodeModules: false })
}

const { runProcess } = await import('./gateway-process.ts')
runProcess(process.env)
