import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** What a real desk needs from Debian, and the answers to the questions that its packages ask. */
export interface DebianDesk {
  readonly name: string
  readonly packages: readonly string[]
  /** Lines for `debconf-set-selections`. */
  readonly selections: string
}

export const redmineDesk: DebianDesk = {
  name: 'Redmine',
  packages: ['redmine', 'redmine-sqlite', 'puma'],
  selections: `redmine redmine/instances/default/dbconfig-install boolean true
redmine redmine/instances/default/database-type select sqlite3
redmine redmine/instances/default/default-language select en
`,
}

export const rtDesk: DebianDesk = {
  name: 'Request Tracker',
  // A mail server of a few kilobytes: any other would come with exim.
  packages: ['request-tracker5', 'rt5-db-sqlite', 'rt5-standalone', 'msmtp-mta'],
  selections: `request-tracker5 request-tracker5/rtname string rt.example
request-tracker5 request-tracker5/organization string rt.example
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
request-tracker5 request-tracker5/initial-root-password-method select default
request-tracker5 request-tracker5/dbconfig-install boolean true
request-tracker5 request-tracker5/database-type select sqlite3
`,
}

/** False where a package is missing, or the machine has no Debian packages. */
export function isInstalled({ packages }: DebianDesk): boolean {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Abbrev}\n', ...packages], { encoding: 'utf8' })
  return status === 0 && stdout.split('\n').filter((line) => line.startsWith('ii')).length === packages.length
}

/** Packages of a machine are changed only where that is its purpose: in CI, and where the environment asks for it. */
export function mayInstall(): boolean {
  return process.env.DESKGRAPH_REAL === 'install' || process.env.CI === 'true'
}

const policyFile = '/usr/sbin/policy-rc.d'

/** Installs what is missing. No service is started: the policy forbids it while the packages are set up. Throws where apt fails. */
export function install(desks: readonly DebianDesk[]): void {
  const missing = desks.filter((desk) => !isInstalled(desk))
  if (missing.length === 0) return
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND']
  const run = (command: readonly string[], input?: string) => {
    const [file, ...args] = [...asRoot, ...command] as [string, ...string[]]
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync(file, args, { env, input: input ?? '', stdio: ['pipe', 'ignore', 'inherit'] })
  }
  const addsPolicy = asRoot.length === 0 && !existsSync(policyFile)
  if (addsPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    run(['debconf-set-selections'], missing.map(({ selections }) => selections).join(''))
    run(['apt-get', '-qq', 'update'])
    const packages = missing.flatMap((desk) => desk.packages)
    run(['apt-get', '-o', 'DPkg::Lock::Timeout=300', '-qq', '-y', '--no-install-recommends', 'install', ...packages])
  } finally {
    if (addsPolicy) rmSync(policyFile)
  }
}
