import { connect } from 'node:net'

/** Sends bytes as they are to a server's address and gives all that comes back until it closes, or `closeWith` appears in it. */
export function sendRaw(url: string, bytes: string, waitMs = 5_000): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(waitMs, () => socket.destroy(new Error(`No end of the answer after ${waitMs} ms: ${answer}`)))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      // A server that keeps the connection has answered once the headers are here.
      if (answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
