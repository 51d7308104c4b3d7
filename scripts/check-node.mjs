// Import this file first: it ends the process in a Node that is too old, before the script fails with an obscure error.
// It must run in every Node that knows ES modules. src/config/node-version.ts says the same for the built process.
const required = 24
const major = Number.parseInt(process.versions.node, 10)
if (major < required) {
  console.error(
    `Deskgraph needs Node ${required}; this is ${major}. Install Node ${required} from https://nodejs.org. On Linux with glibc (x64, arm64) "npm ci" installs it, and "npm start" uses it.`,
  )
  process.exit(1)
}
