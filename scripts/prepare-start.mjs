// The last step of the build, so that even the first start is quick: compiles the modules that a start loads, and initialises an
// empty embedded database once. Both are saved below dist/cache.
import { fillCodeCache } from '../dist/src/performance/code-cache.js'

await fillCodeCache(() =>
  Promise.all([
    import('../dist/src/gateway-process.js'),
    import('../dist/sandbox/sandbox.js'),
    import('../dist/src/http/routes/console.js'),
    import('../dist/src/db/pglite.js'),
    import('../dist/src/performance/embedded-session.js'),
  ]),
)
const { prepareTemplate } = await import('../dist/src/db/pglite.js')
await prepareTemplate()
