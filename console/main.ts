import './console.css'

// The browser paints the page with this small script and its styles. GraphiQL, fifty times as large, follows.
const root = document.getElementById('console')
const { renderConsole } = await import('./console.tsx')
if (root) renderConsole(root)
