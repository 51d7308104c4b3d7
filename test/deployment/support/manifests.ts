import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const deploy = join(import.meta.dirname, '../../../docs/deploy')
const here = join(import.meta.dirname, '..')

/** A Kubernetes object, as Kustomize prints it. */
// biome-ignore lint/suspicious/noExplicitAny: the schemas of Kubernetes describe it, and `findFaults` checks it by them.
export type Manifest = { readonly apiVersion: string; readonly kind: string; readonly metadata: any; readonly [key: string]: any }

/** What `kubectl apply -k` would send for an overlay, after an operator has put its files into the folder. */
export function renderOverlay(name: string, files: Readonly<Record<string, string>>): readonly Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'overlay-'))
  try {
    cpSync(join(deploy, 'kubernetes'), folder, { recursive: true })
    const overlay = join(folder, 'overlays', name)
    for (const [file, text] of Object.entries(files)) writeFileSync(join(overlay, file), text)
    const rendered = execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    return parseAllDocuments(rendered).map((document) => document.toJS())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const prometheusOperator = 'monitoring.coreos.com'

/** The module of kubernetes-models that describes a kind: `apps/v1` and `Deployment`. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  const operator = apiVersion.startsWith(prometheusOperator)
  return `${operator ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`
}

/**
 * The faults of manifests by the schemas of Kubernetes: wrong values by its validators, and unknown keys by its types, which the
 * validators let pass as the server does.
 */
export async function findFaults(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const faults: string[] = []
  for (const manifest of manifests) {
    const models = await import(moduleOf(manifest))
    try {
      new models[manifest.kind](manifest).validate()
    } catch (error) {
      faults.push(`${manifest.kind}: ${(error as Error).message}`)
    }
  }
  return [...faults, ...findUnknownKeys(manifests)]
}

function findUnknownKeys(manifests: readonly Manifest[]): readonly string[] {
  const folder = join(here, 'node_modules/.manifests')
  mkdirSync(folder, { recursive: true })
  const lines = manifests.flatMap((manifest, index) => [
    `import type { I${manifest.kind} as Kind${index} } from '${moduleOf(manifest)}'`,
    `export const manifest${index}: Kind${index} = ${JSON.stringify(manifest, null, 1)}`,
  ])
  writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'))
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig']
  const { stdout } = spawnSync('tsc', [...options, join(folder, 'manifests.ts')], { cwd: here, encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes('error TS'))
}
