import { z } from 'zod'

const atLeast = (least: number) => z.number().int().min(least)

/** The limits of one operation. Every operation of the README and the console stays far below the defaults. */
export const operationLimits = z.strictObject({
  queryLength: atLeast(100).default(50_000).describe('Characters of one GraphQL document. Over it: BAD_REQUEST.'),
  tokens: atLeast(10).default(4_000).describe('Lexical tokens of one document. Over it: GRAPHQL_PARSE_FAILED.'),
  depth: atLeast(1).default(15).describe('Levels of nested fields, introspection apart. Over it: OPERATION_TOO_DEEP.'),
  fields: atLeast(1)
    .default(1_000)
    .describe('Fields of one operation with every fragment written out. Over it: OPERATION_TOO_COMPLEX.'),
  fragments: atLeast(0).default(100).describe('Named fragments of one document. Over it: OPERATION_TOO_COMPLEX.'),
  rootFields: atLeast(1).default(20).describe('Fields at the top of one operation. Over it: OPERATION_TOO_COMPLEX.'),
  aliases: atLeast(0).default(50).describe('Aliased fields of one operation. Over it: OPERATION_TOO_COMPLEX.'),
  directives: atLeast(0).default(50).describe('Directives of one operation. Over it: OPERATION_TOO_COMPLEX.'),
  overlaps: atLeast(1)
    .default(20_000)
    .describe('Pairs of fields that share a name in the answer and have to be compared. Over it: OPERATION_TOO_COMPLEX.'),
  inputDepth: atLeast(1).default(20).describe('Levels of nested lists and objects in the input. Over it: BAD_REQUEST.'),
  pageSize: atLeast(1).default(100).describe('The largest page (`first`) that may be asked for. Over it: BAD_USER_INPUT.'),
  cost: atLeast(1)
    .default(25_000)
    .describe('Objects that one operation may ask for, page sizes multiplied. Over it: OPERATION_TOO_COMPLEX.'),
  upstreamCalls: atLeast(1)
    .default(1_000)
    .describe('Calls to the sources that one operation may need at most. Over it: OPERATION_TOO_COMPLEX.'),
  batch: atLeast(1).default(10).describe('Operations in one HTTP request (an array). Over it: BAD_REQUEST.'),
})
export type OperationLimits = z.infer<typeof operationLimits>

/** Trusted documents: which operations the gateway executes. */
export const documentsConfig = z
  .strictObject({
    mode: z
      .enum(['off', 'prefer', 'only'])
      .default('off')
      .describe(
        'off: any operation. prefer: also those of the manifest, by their hash. only: nothing but those of the manifest.',
      ),
    manifest: z
      .string()
      .min(1)
      .optional()
      .describe('A JSON file of hash → operation, as graphql-codegen writes it (persistedDocuments).'),
  })
  .refine(({ mode, manifest }) => mode === 'off' || manifest !== undefined, {
    message: 'This mode needs a manifest.',
    path: ['manifest'],
  })
export type DocumentsConfig = z.infer<typeof documentsConfig>

const openByDefault = 'Default: open when auth.mode is none, closed when it is jwt.'

/** Whether clients may explore the schema. */
export const explorationConfig = z.strictObject({
  graphiql: z.boolean().optional().describe(`GraphiQL for browsers at /graphql. ${openByDefault}`),
  introspection: z.boolean().optional().describe(`Questions about the schema, and suggestions in errors. ${openByDefault}`),
})

/** The settings of `explorationConfig` with their defaults filled in. */
export function toExploration(
  config: z.infer<typeof explorationConfig>,
  authMode: 'jwt' | 'none',
): { readonly graphiql: boolean; readonly introspection: boolean } {
  const open = authMode === 'none'
  return { graphiql: config.graphiql ?? open, introspection: config.introspection ?? open }
}
