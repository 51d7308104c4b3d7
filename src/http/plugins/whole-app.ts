import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

/** A plugin whose hooks stand before every route of the app, not only its own. The symbol is Fastify's documented one. */
export function forWholeApp(register: (app: FastifyInstance) => void): FastifyPluginAsync {
  const plugin: FastifyPluginAsync = async (app) => register(app)
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true })
}

/** Ways in that must answer whatever happens: an orchestrator and the monitoring ask there. */
export function isForOperators(url: string): boolean {
  return url.startsWith('/health/') || url.startsWith('/metrics')
}
