import { Window } from 'happy-dom'

// React needs a document: one for all files of a worker, because React and its testing library keep it. The network stays Node's own fetch and
// WebSocket: happy-dom has no connection of its own here.
if (!('document' in globalThis)) {
  const window = new Window({ url: 'http://localhost/' })
  Object.assign(globalThis, { window, document: window.document })
}
