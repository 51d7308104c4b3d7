import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gatewayConfig } from '../../src/config/gateway-config.ts'
import { havePrograms } from '../replicas/support/programs.ts'
import { findFaults, type Manifest, renderOverlay } from './support/manifests.ts'

const text = (file: string) => readFileSync(join(import.meta.dirname, '../../docs/deploy', file), 'utf8')
const files = {
  'gateway.yaml': text('gateway.yaml'),
  'routing.yaml': text('routing.yaml'),
  'deskgraph.env': text('deskgraph.env.example'),
}

const find = (manifests: readonly Manifest[], kind: string): Manifest => manifests.find((one) => one.kind === kind)!
const kindsOf = (manifests: readonly Manifest[]) => manifests.map(({ kind }) => kind).sort()
const selected = { 'app.kubernetes.io/name': 'deskgraph' }

describe.runIf(havePrograms('kubectl'))('the overlay', () => {
  const production = renderOverlay('production', files)
  const single = renderOverlay('single', files)

  test('DEPLOY-01: of each name is valid by the schemas of Kubernetes, without an unknown key', async () => {
    expect(await findFaults(production)).toEqual([])
    expect(await findFaults(single)).toEqual([])
  })

  test('DEPLOY-01: is refused by these schemas for a wrong type, and for an unknown key', async () => {
    const deployment = find(production, 'Deployment')
    const wrong = structuredClone(deployment)
    wrong.spec.template.spec.containers[0].ports[0].containerPort = 'http'
    expect(await findFaults([wrong])).toContainEqual(expect.stringContaining('ports/0/containerPort must be integer'))
    const unknown = structuredClone(deployment)
    unknown.spec.template.spec.containers[0].livenesProbe = {}
    expect(await findFaults([unknown])).toEqual([expect.stringMatching(/livenesProbe.* does not exist in type 'IContainer'/)])
  })

  test('DEPLOY-02: production has replicas with a budget, an autoscaler, rules for the network, and monitoring', () => {
    expect(kindsOf(production)).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Secret',
      'Service',
      'ServiceMonitor',
    ])
    const { spec } = find(production, 'Deployment')
    const [container] = spec.template.spec.containers
    expect([spec.selector.matchLabels, spec.template.metadata.labels]).toEqual([selected, selected])
    expect(find(production, 'Service').spec).toMatchObject({
      selector: selected,
      ports: [{ targetPort: container.ports[0].name }],
    })
    expect(find(production, 'PodDisruptionBudget').spec.selector.matchLabels).toEqual(selected)
    expect(find(production, 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(selected)
    expect(
      [container.startupProbe, container.readinessProbe, container.livenessProbe].map(({ httpGet }) => httpGet.path),
    ).toEqual(['/health/live', '/health/ready', '/health/live'])
    // The time of a shutdown, and the time in which requests still arrive.
    const { delayMs } = gatewayConfig.shape.shutdown.parse({})
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10 + delayMs / 1000)
  })

  test('DEPLOY-03: gives a changed configuration or secret another name, so that the replicas are restarted', () => {
    const names = (manifests: readonly Manifest[]) => {
      const { containers, volumes } = find(manifests, 'Deployment').spec.template.spec
      const [{ credentials }] = find(manifests, 'ServiceMonitor').spec.endpoints.map(
        ({ authorization }: Manifest) => authorization,
      )
      return { config: volumes[0].configMap.name, secret: containers[0].envFrom[0].secretRef.name, metrics: credentials.name }
    }
    const before = names(production)
    const changed = names(renderOverlay('production', { ...files, 'gateway.yaml': `${files['gateway.yaml']}# changed\n` }))
    const rotated = names(renderOverlay('production', { ...files, 'deskgraph.env': `${files['deskgraph.env']}MORE=1\n` }))
    expect(before.config).toBe(find(production, 'ConfigMap').metadata.name)
    expect([before.secret, before.metrics]).toEqual(Array(2).fill(find(production, 'Secret').metadata.name))
    expect(changed.config).not.toBe(before.config)
    expect(changed.secret).toBe(before.secret)
    expect(rotated.secret).not.toBe(before.secret)
    expect(rotated.metrics).toBe(rotated.secret)
  })

  test('DEPLOY-04: runs an image by its digest, as a user without rights, after the configuration was checked', () => {
    for (const manifests of [production, single]) {
      const { initContainers, containers, securityContext } = find(manifests, 'Deployment').spec.template.spec
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      expect(initContainers.map(({ args }: Manifest) => args.at(-1))).toEqual(['check-config'])
      for (const { image, securityContext: own } of [...initContainers, ...containers]) {
        expect(image).toMatch(/^registry\.example\/deskgraph@sha256:[0-9a-f]{64}$/)
        expect(own).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
      }
    }
  })

  test('DEPLOY-05: single has one replica that owns its volume, and nothing that would start a second one', () => {
    expect(kindsOf(single)).toEqual(['ConfigMap', 'Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'Secret', 'Service'])
    const { spec } = find(single, 'Deployment')
    expect([spec.replicas, spec.strategy]).toEqual([1, { type: 'Recreate' }])
    const [{ env, volumeMounts }] = spec.template.spec.containers
    expect(env).toContainEqual({ name: 'DESKGRAPH_DATA_DIR', value: '/var/lib/deskgraph' })
    expect(volumeMounts.map(({ name }: Manifest) => name).sort()).toEqual(['config', 'data'])
  })
})
