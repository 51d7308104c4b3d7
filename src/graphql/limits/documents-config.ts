import { z } from 'zod'

/** Which operations may be executed at all. */
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

/** What the graph tells of itself. */
export const explorationConfig = z.strictObject({
  graphiql: z.boolean().optional().describe(`GraphiQL for browsers at /graphql. ${openByDefault}`),
  introspection: z.boolean().optional().describe(`Questions about the schema, and suggestions in errors. ${openByDefault}`),
})

/** The switches with their defaults filled in. */
export function toExploration(
  config: z.infer<typeof explorationConfig>,
  authMode: 'jwt' | 'none',
): { readonly graphiql: boolean; readonly introspection: boolean } {
  const open = authMode === 'none'
  return { graphiql: config.graphiql ?? open, introspection: config.introspection ?? open }
}
