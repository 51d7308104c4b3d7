import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const packages = ['base-files', 'ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase', 'tzdata']
/** The base images of docs/deploy/Dockerfile, and what stands for them here, where no registry of images can be asked. */
const bases = {
  'docker.io/library/node:24-slim': 'localhost/deskgraph-test-node',
  'gcr.io/distroless/cc-debian12': 'localhost/deskgraph-test-cc',
}
// The build runs in a chroot: it needs no container engine.
const env = { ...process.env, BUILDAH_ISOLATION: 'chroot' }

/** An image that was built, with its files in a folder. */
export interface BuiltImage {
  readonly folder: string
  readonly config: {
    readonly User: string
    readonly Env: readonly string[]
    readonly Cmd: readonly string[]
    readonly WorkingDir: string
  }
  remove(): void
}

const buildah = (...args: readonly string[]) =>
  execFileSync('buildah', args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64e6, stdio: ['ignore', 'pipe', 'pipe'] }).trim()

/** Builds docs/deploy/Dockerfile as it is. Only its base images are others: the packages of Debian that they are made of, and a busybox with npm. */
export function buildImage(): BuiltImage {
  const work = mkdtempSync(join(tmpdir(), 'image-'))
  const [node, cc] = Object.values(bases) as [string, string]
  try {
    const files = unpackPackages(work)
    commitBase(cc, files, [])
    addShellAndNode(work, files)
    commitBase(node, files, ['PATH=/usr/local/bin:/usr/bin:/bin', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'])
    const contexts = Object.entries(bases).flatMap(([name, local]) => ['--build-context', `${name}=container-image://${local}`])
    const image = buildah('bud', '-q', '--pull-never', '--network=host', ...contexts, '-f', 'docs/deploy/Dockerfile', '.')
      .split('\n')
      .at(-1)!
    const container = buildah('from', '--pull-never', image)
    const { OCIv1 } = JSON.parse(buildah('inspect', '--type=image', image))
    return {
      folder: buildah('mount', container),
      config: OCIv1.config,
      remove() {
        buildah('rm', container)
        buildah('rmi', '--force', image, node, cc)
      },
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The files of Debian's packages, as dpkg would place them. Their scripts are not run. */
function unpackPackages(work: string): string {
  const [debs, files] = [join(work, 'debs'), join(work, 'files')]
  for (const folder of [debs, files]) mkdirSync(folder)
  execFileSync('apt-get', ['download', '-qq', ...packages, 'busybox-static'], { cwd: debs, stdio: ['ignore', 'ignore', 'pipe'] })
  for (const deb of globSync(`${debs}/*.deb`).filter((file) => !file.includes('busybox')))
    execFileSync('dpkg-deb', ['-x', deb, files])
  return files
}

/** What the build stage needs beside a C library: a shell, Node and npm, and the certificates of this machine for the registry. */
function addShellAndNode(work: string, files: string): void {
  execFileSync('dpkg-deb', ['-x', globSync(`${work}/debs/busybox*.deb`)[0]!, files])
  for (const folder of ['usr/local/bin', 'usr/local/lib', 'usr/bin', 'etc/ssl/certs', 'tmp'])
    mkdirSync(join(files, folder), { recursive: true })
  execFileSync('chroot', [files, '/bin/busybox', '--install', '-s', '/bin'])
  symlinkSync('/bin/busybox', join(files, 'usr/bin/env'))
  copyFileSync(
    globSync('node_modules/node-linux-*/bin/node', { cwd: root }).map((file) => join(root, file))[0]!,
    join(files, 'usr/local/bin/node'),
  )
  cpSync(findNpm(), join(files, 'usr/local/lib/npm'), { recursive: true })
  for (const name of ['npm', 'npx']) {
    const file = join(files, 'usr/local/bin', name)
    writeFileSync(file, `#!/bin/sh\nexec node /usr/local/lib/npm/bin/${name}-cli.js "$@"\n`)
    chmodSync(file, 0o755)
  }
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  if (existsSync(certificates)) copyFileSync(certificates, join(files, certificates))
}

/** The folder of the npm that this machine has. */
function findNpm(): string {
  const command = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim()
  return dirname(dirname(command))
}

function commitBase(name: string, files: string, variables: readonly string[]): void {
  const container = buildah('from', 'scratch')
  buildah('add', '-q', container, files, '/')
  buildah('config', ...variables.flatMap((variable) => ['--env', variable]), container)
  buildah('commit', '-q', '--rm', container, name)
}
