import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/**
 * Connects as undici does, and gathers what is written in one turn of the event loop into one write: forty look-ups of one
 * operation, or of all operations that arrived in the same turn, leave in one packet per connection instead of a system call
 * each. A turn ends as soon as everything that had arrived was read, so that nothing waits for what is still to come.
 */
export function createGatheringConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs })
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error) return callback(error, null)
      gatherWrites(socket)
      callback(null, socket)
    })
}

function gatherWrites(socket: Socket): void {
  let gathering = false
  const flush = () => {
    gathering = false
    socket.uncork()
  }
  const write = socket.write
  socket.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    if (!gathering) {
      gathering = true
      socket.cork()
      setImmediate(flush)
    }
    return write.apply(this, args)
  } as Socket['write']
}
