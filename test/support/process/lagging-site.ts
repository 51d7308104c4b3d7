import { createJira } from '../../../sandbox/jira/simulator.ts'
import { serviceAccount } from '../../../sandbox/jira/site.ts'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'

const token = 'jira-token-of-the-kills'

/** A site of Jira Service Management whose search shows a change so many milliseconds late. It sends no webhooks. */
export async function openLaggingSite(searchLagMs: number) {
  const options = { random: createRandom('lag'), until: Date.now() - 86_400_000, count: 60, token, settings: { searchLagMs } }
  const simulator = createJira(options)
  const server = await serveSimulator(simulator, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const authorization = `Basic ${btoa(`${serviceAccount.emailAddress}:${token}`)}`
  return {
    // 10001 and 10002 are the projects with customers.
    ids: simulator.state.all().flatMap(({ id, projectId }) => (projectId < 10003 ? [String(id)] : [])),
    /** The gateway's block for this site, with more calls than it makes. */
    block: {
      ...{ system: 'jira', url: server.origin, token, email: serviceAccount.emailAddress },
      budget: { calls: { list: 100_000, read: 100_000, write: 100_000 } },
    },
    async rename(id: string, summary: string): Promise<void> {
      const answer = await fetch(`${server.origin}/rest/api/3/issue/${id}`, {
        method: 'PUT',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ fields: { summary } }),
      })
      if (!answer.ok) throw new Error(`PUT issue ${id}: ${answer.status} ${await answer.text()}`)
    },
    close: server.close,
  }
}
