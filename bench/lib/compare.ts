import { isDeepStrictEqual } from 'node:util'
import { type Answered, prepareRequest, RawConnection } from './http-client.ts'
import type { Workload } from './operations.ts'
import type { Contender } from './servers.ts'

export interface Running {
  readonly contender: Contender
  readonly port: number
}

/** The bodies that a contender is sent for a workload. */
export function bodiesFor(contender: Contender, workload: Workload): string[] {
  const query = contender.queryOf?.(workload) ?? workload.query
  return workload.variables.map((variables) =>
    JSON.stringify({ query, variables: contender.variablesOf?.(variables) ?? variables }),
  )
}

export async function ask({ contender, port }: Running, body: string): Promise<Answered> {
  const connection = new RawConnection(port)
  try {
    return await connection.send(prepareRequest(contender.path, contender.headers, body), true)
  } finally {
    connection.close()
  }
}

/** Every server's answer to a workload must be the same JSON as the baseline's. Throws where one is not. */
export async function compareAnswers(running: readonly Running[], reference: Running, workload: Workload): Promise<void> {
  const expected = await commonAnswer(reference, workload)
  for (const one of running) {
    const actual = await commonAnswer(one, workload)
    if (isDeepStrictEqual(actual, expected)) continue
    throw new Error(`${one.contender.key} answers ${workload.key} differently:\n${firstDifference(actual, expected)}`)
  }
}

async function commonAnswer(running: Running, workload: Workload): Promise<unknown> {
  const { contender } = running
  const { status, body } = await ask(running, bodiesFor(contender, workload)[0]!)
  const { data, errors } = JSON.parse(body) as { data?: unknown; errors?: unknown }
  if (status !== 200 || errors) throw new Error(`${contender.key} fails ${workload.key}: ${status} ${body.slice(0, 800)}`)
  return contender.toCommonForm?.(workload, data) ?? data
}

function firstDifference(actual: unknown, expected: unknown, path = '$'): string {
  if (isRecord(actual) && isRecord(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      if (!isDeepStrictEqual(actual[key], expected[key])) return firstDifference(actual[key], expected[key], `${path}.${key}`)
    }
  }
  return `${path}: ${JSON.stringify(actual)?.slice(0, 200)} instead of ${JSON.stringify(expected)?.slice(0, 200)}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
