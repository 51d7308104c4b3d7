import type { Server } from 'node:http'

const lookMs = 50
/** How long a request in flight may still take, so that the whole process ends within ten seconds. */
const patienceMs = 5_000

/**
 * Lets go of the server's connections while it closes. Node waits for every one of them: for a kept one whose last answer
 * was on its way when the closing began, and for a client that never finishes its request.
 */
export function letGo(server: Server): void {
  const looking = setInterval(() => server.closeIdleConnections(), lookMs)
  const patience = setTimeout(() => server.closeAllConnections(), patienceMs)
  server.once('close', () => {
    clearInterval(looking)
    clearTimeout(patience)
  })
}
