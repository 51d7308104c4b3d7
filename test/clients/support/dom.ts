import { Window } from 'happy-dom'

// React needs a document. The network stays Node's own fetch and WebSocket: happy-dom has no connection of its own here.
const window = new Window({ url: 'http://localhost/' })
Object.assign(globalThis, { window, document: window.document })
