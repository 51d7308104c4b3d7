// What the pages need before Vite can serve them: the client package, and the types of their operations.
import { execSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

const run = (command, cwd = import.meta.dirname) => execSync(command, { cwd, stdio: 'inherit' })

// In your own repository you install the tarball once. Here the package is built from its folder beside this one.
run('npm run --silent build:client', join(import.meta.dirname, '../..'))
// npm keeps a copy of the same version, also where the folder has changed.
rmSync(join(import.meta.dirname, 'node_modules/@deskgraph'), { recursive: true, force: true })
run('npm install --no-save --no-audit --no-fund --silent --prefer-offline --include=dev --install-links ../typescript')
run('npx graphql-codegen --silent --config codegen.yml')
run('npx relay-compiler relay.config.json --output quiet-with-errors')
