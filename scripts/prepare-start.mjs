// Part of the build, so that even the first start is quick: an empty embedded database is initialised once, and what a start loads
// is compiled once.
import { fillCodeCache } from '../dist/lib/code-cache.js'

await fillCodeCache(async () => {
  await Promise.all([
    import('../dist/app/run-process.js'),
    import('../dist/app/start-sandbox.js'),
    import('../dist/http/console-routes.js'),
    import('../dist/store/embedded-engine.js'),
  ])
})
const { prepareTemplate } = await import('../dist/store/database-template.js')
await prepareTemplate()
