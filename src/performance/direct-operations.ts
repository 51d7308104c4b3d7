import { getOperationAST } from 'graphql'
import { isPromise } from '../graphql/executor.ts'
import { type ResponseContext, toHttpStatus } from '../graphql/format-response.ts'
import type { Operation, OperationPipeline } from '../graphql/operation-pipeline.ts'
import type { GraphResponse, GraphServer, OperationRequest } from '../graphql/server.ts'
import { isRecord } from '../http/graphql-request.ts'
import { contentTypeFor } from '../http/graphql-response.ts'

/**
 * A server that runs ordinary operations by the pipeline alone and leaves the others to Apollo Server: a GET, a request with extensions,
 * an operation that does not exist, a subscription, a malformed field. Both give the same responses.
 */
export function runDirectly<Context extends ResponseContext>(
  apollo: GraphServer<Context>,
  pipeline: OperationPipeline<Context>,
): GraphServer<Context> {
  return {
    async answer(request, context) {
      const operation = toOperation(request, context)
      if (!operation) return apollo.answer(request, context)
      const running = pipeline.run(operation, request.headers['x-deskgraph-cost'] === '1')
      const result = isPromise(running) ? await running : running
      const headers = { 'content-type': contentTypeFor(request.headers.accept) }
      return { status: toHttpStatus(result), headers, body: pipeline.stringify(result) } satisfies GraphResponse
    },
    stop: apollo.stop,
  }
}

/** null: Apollo Server looks into what is unusual about the request. */
function toOperation<Context>({ body, document }: OperationRequest, context: Context): Operation<Context> | null {
  if (!document || !isRecord(body) || body.extensions != null) return null
  const { operationName = null, variables } = body
  if (operationName !== null && (typeof operationName !== 'string' || operationName === '')) return null
  if (variables != null && !isRecord(variables)) return null
  const type = getOperationAST(document, operationName)?.operation
  if (type === undefined || type === 'subscription') return null
  return { document, operationName, variables: (variables as Record<string, unknown> | null) ?? {}, context }
}
