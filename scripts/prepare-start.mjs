// Part of the build, so that even the first start is quick: an empty embedded database is initialised once, and what a start loads
// is compiled once.
import { fillCodeCache } from '../dist/src/performance/code-cache.js'

await fillCodeCache(async () => {
  await Promise.all([
    import('../dist/src/server/run-process.js'),
    import('../dist/src/server/start-sandbox.js'),
    import('../dist/src/http/routes/console.js'),
    import('../dist/src/db/embedded-engine.js'),
  ])
})
const { prepareTemplate } = await import('../dist/src/db/database-template.js')
await prepareTemplate()
