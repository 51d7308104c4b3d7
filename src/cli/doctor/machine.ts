import { constants } from 'node:fs'
import { access, mkdtemp, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { nodeVersionProblem } from '../../config/node-version.ts'
import { type Check, type Finding, ok, problem, warning } from './checks.ts'

// What the gateway needs of its machine.

/** Node's version. The command itself does not start on one that is too old; another user or unit may have another Node. */
export function createNodeCheck(version: string): Check {
  const run = async () => {
    const found = nodeVersionProblem(version)
    return [found === null ? ok(`Node ${version}.`) : problem(`This is Node ${version}.`, found)]
  }
  return { name: 'Node', run }
}

/** Each client, and each connection to a source, takes one file descriptor. */
const fewFiles = 4_096

/** The limit of open files of this shell. Node raises the soft limit to the hard one. Windows has none. */
export function createFileLimitCheck(limit: number | null = readFileLimit()): Check {
  const run = async () => {
    if (limit === null) return [ok('There is no limit of open files.')]
    if (limit >= fewFiles) return [ok(`${limit} files may be open at once.`)]
    const found = `Only ${limit} files may be open at once. Each client takes one.`
    return [warning(found, `Raise the limit of the gateway to ${fewFiles} or more: ulimit -n, or LimitNOFILE of systemd.`)]
  }
  return { name: 'open files', run }
}

interface ProcessReport {
  readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } }
}

function readFileLimit(): number | null {
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as ProcessReport
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : null
}

/** The directory of the embedded database, or the nearest directory above it that exists: whether this user can write there. */
export function createDataDirectoryCheck(dataDir: string): Check {
  return { name: 'data directory', run: async () => [await tryDirectory(dataDir)] }
}

async function tryDirectory(dataDir: string): Promise<Finding> {
  const action = 'Give it to the user of the gateway, or name another directory in DESKGRAPH_DATA_DIR.'
  try {
    await mkdtemp(join(dataDir, 'doctor-')).then(rmdir)
    return ok('The data directory can be written.')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return tryParent(dirname(dataDir))
    return problem(`The data directory cannot be written (${code}).`, action)
  }
}

/** The gateway creates missing directories. */
async function tryParent(directory: string): Promise<Finding> {
  try {
    await access(directory, constants.W_OK)
    return ok('The data directory is not there yet, and can be created.')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(directory) !== directory) return tryParent(dirname(directory))
    const found = `The data directory is not there and cannot be created (${code}).`
    return problem(found, 'Create it for the user of the gateway, or name another one in DESKGRAPH_DATA_DIR.')
  }
}
