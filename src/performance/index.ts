import { createAdaptiveBatching } from './adaptive-batching.ts'
import { createCompiledExecutor } from './compiled-executor/executor.ts'
import { runDirectly } from './direct-operations.ts'
import { callMethodsDirectly } from './direct-resolvers.ts'
import { connectPrepared } from './embedded-session.ts'
import { createFastPath } from './fast-path.ts'
import { createSharedPayloads } from './shared-payloads.ts'
import { createWrittenFrames } from './written-frames.ts'

/**
 * The optional parts of the request path that exist only for speed, as the composition root takes them. README.md beside this file says
 * what each of them replaces and gains. Without them every response is the same.
 */
export const fastParts = {
  connectPGlite: connectPrepared,
  createDispatcher: createAdaptiveBatching,
  createExecutor: createCompiledExecutor,
  createFastPath,
  createSharedPayloads,
  createSocketTransport: createWrittenFrames,
  runDirectly,
  transformSchema: callMethodsDirectly,
}
export type FastParts = typeof fastParts
