import { setSourceMapsSupport } from 'node:module'
import { openCodeCache } from './performance/code-cache.ts'

// Before everything else is loaded, which is why that waits for it.
openCodeCache()
// Stack traces show our own lines. To read the maps of a thousand files of others would take longer than it is worth.
if (process.sourceMapsEnabled) setSourceMapsSupport(true, { nodeModules: false })

const { runProcess } = await import('./server/run-process.ts')
runProcess(process.env)
