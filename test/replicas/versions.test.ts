import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/process/built.ts'
import { findLost } from '../support/process/graph-client.ts'
import { findUndelivered } from '../support/process/partner.ts'
import { startLoad } from './support/load.ts'
import { havePrograms } from './support/programs.ts'
import { startTwoReplicas, type TwoReplicas } from './support/two-replicas.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The commit of the latest release that `docs/releases.md` says can be rolled back to. */
function findRelease(): { readonly version: string; readonly commit: string } {
  const rows = readFileSync(join(root, 'docs/releases.md'), 'utf8').matchAll(
    /^\| (\d+\.\d+\.\d+) \| [\d-]+ \| `(\w+)` \|.*\| yes \|$/gm,
  )
  const [, version, commit] = [...rows].at(-1)!
  return { version: version!, commit: commit! }
}

/** Builds that commit in a folder of its own, with the packages that are installed here. Returns its entry file. */
function buildRelease(commit: string, folder: string): string {
  const archive = execFileSync('git', ['archive', commit], { cwd: root, maxBuffer: 200_000_000 })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The release does not build:\n${stdout}`)
  return join(folder, 'dist/src/main.js')
}

describe.runIf(havePrograms('postgres', 'redis-server'))('the release before', () => {
  const { version, commit } = findRelease()
  const folder = mkdtempSync(join(tmpdir(), 'replicas-release-'))
  let release: string
  let two: TwoReplicas
  beforeAll(async () => {
    buildWhenStale()
    release = buildRelease(commit, folder)
    two = await startTwoReplicas({ main: release })
  })
  afterAll(async () => {
    await two.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test(`OPS-20: ${version} runs beside this version, and alone again after a roll-back, on the same database`, async () => {
    const present = join(root, 'dist/src/main.js')
    const runUnderLoad = async (change: () => Promise<unknown>) => {
      // A replica that is not restarted serves the load.
      const load = startLoad(two.urls[1].origin, 20)
      await change()
      await sleep(1_000)
      return load.stop()
    }
    const results = [
      await runUnderLoad(async () => {}),
      // Upgrade of the first replica: it migrates the database under the one that runs.
      await runUnderLoad(() => two.restart(0, present)),
    ]
    const both = [0, 1].map((index) => startLoad(two.urls[index as 0 | 1].origin, 20))
    await sleep(2_000)
    results.push(...(await Promise.all(both.map((load) => load.stop()))))
    // Roll-back: the release starts on the database that this version has migrated.
    results.push(await runUnderLoad(() => two.restart(0, release)))
    await two.restart(1, release)
    results.push(await runUnderLoad(async () => {}))

    for (const { failures } of results) expect(failures.slice(0, 5)).toEqual([])
    for (const url of two.urls) {
      expect(
        await findLost(
          two.http,
          url.origin,
          results.flatMap(({ claims }) => claims),
        ),
      ).toEqual([])
    }
    expect(
      await findUndelivered(
        two.partner,
        results.flatMap(({ created }) => created),
        60_000,
      ),
    ).toEqual([])
  }, 240_000)
})
