import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoDeprecatedCustomRule,
  parse,
  validate,
} from 'graphql'
import { z } from 'zod'
import { createDocuments } from '../graphql/document-cache.ts'
import { createSchema } from '../graphql/schema/index.ts'

/** The options of `deskgraph check-documents`. */
export interface CheckDocumentsOptions {
  /** A file with another graph as SDL. Absent: the graph of this version. */
  readonly schema?: string
  readonly json?: boolean
}

/** A place in a document and what is wrong there. Lines and columns begin with 1. */
interface Finding {
  readonly line: number
  readonly column: number
  readonly message: string
}

interface Checked {
  /** The hash or id of the document in the manifest. */
  readonly id: string
  /** Of its only operation; null when it has none. */
  readonly name: string | null
  /** Why the graph refuses it; [] when it is valid. */
  readonly errors: readonly Finding[]
  /** What it uses that is deprecated. A later version may refuse it. */
  readonly deprecated: readonly Finding[]
}

/** Apollo's manifest, as `generate-persisted-query-manifest` writes it. */
const apolloManifest = z.looseObject({
  format: z.literal('apollo-persisted-query-manifest'),
  operations: z.array(z.looseObject({ id: z.string(), body: z.string() })),
})

/** Id → document: of graphql-codegen, of relay-compiler (`persistConfig.file`), and of `documents.manifest`. */
const plainManifest = z.record(z.string().min(1), z.string().min(1))

/** The file cannot be read, or is not what it should be. */
class UnreadableFile extends Error {}

/** What the command prints, and its exit code. 0: every document is valid. 1: some are not. 2: a file cannot be read. */
export interface CheckDocumentsResult {
  readonly exitCode: 0 | 1 | 2
  readonly text: string
}

/** `deskgraph check-documents MANIFEST`: says which documents of the manifest the graph refuses, where, and why. */
export function checkDocuments(manifest: string, { schema, json = false }: CheckDocumentsOptions): CheckDocumentsResult {
  try {
    const documents = readManifest(manifest)
    const check = createCheck(schema === undefined ? createSchema() : readSchema(schema))
    const checked = documents.map(([id, text]) => check(id, text))
    const broken = checked.filter(({ errors }) => errors.length > 0).length
    const findings = checked.filter(({ errors, deprecated }) => errors.length + deprecated.length > 0)
    const counts = { documents: checked.length, broken }
    const text = json ? JSON.stringify({ ...counts, findings }, null, 2) : describe(findings, counts).join('\n')
    return { exitCode: broken > 0 ? 1 : 0, text }
  } catch (error) {
    if (error instanceof UnreadableFile) return { exitCode: 2, text: error.message }
    throw error
  }
}

function readManifest(file: string): readonly (readonly [id: string, text: string])[] {
  const content = parseJson(file, readText(file))
  const apollo = apolloManifest.safeParse(content)
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => [id, body])
  const plain = plainManifest.safeParse(content)
  if (plain.success) return Object.entries(plain.data)
  throw new UnreadableFile(
    `${file} is no manifest: neither an object of id → document (graphql-codegen, Relay) nor Apollo's persisted-query manifest.`,
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    throw new UnreadableFile(`${file} cannot be read: ${messageOf(error)}`)
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UnreadableFile(`${file} is not JSON: ${messageOf(error)}`)
  }
}

function readSchema(file: string): GraphQLSchema {
  try {
    return buildSchema(readText(file))
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    throw new UnreadableFile(`${file} is no graph as SDL: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Operations are limited as the gateway is configured, which this command does not know. */
const noLimits = { maxTokens: Number.POSITIVE_INFINITY, checkText() {}, checkDocument() {} }

/** Checks as the gateway does before it executes. */
function createCheck(schema: GraphQLSchema): (id: string, text: string) => Checked {
  const { prepare } = createDocuments({ schema, limits: noLimits, introspection: true })
  return (id, text) => {
    const { document, invalid = [] } = { document: undefined, ...prepare(text) }
    // Only what is valid has the fields whose deprecation is looked up.
    const deprecated = document ? validate(schema, document, [NoDeprecatedCustomRule]) : []
    return { id, name: nameOf(text), errors: invalid.map(toFinding), deprecated: deprecated.map(toFinding) }
  }
}

function nameOf(text: string): string | null {
  try {
    return getOperationAST(parse(text))?.name?.value ?? null
  } catch {
    return null
  }
}

function toFinding({ message, locations }: GraphQLError): Finding {
  const { line = 1, column = 1 } = locations?.[0] ?? {}
  return { line, column, message }
}

function describe(findings: readonly Checked[], { documents, broken }: { readonly documents: number; readonly broken: number }) {
  const lineOf =
    (kind: string) =>
    ({ line, column, message }: Finding) =>
      `  ${line}:${column}  ${kind}: ${message}`
  return [
    ...findings.flatMap(({ id, name, errors, deprecated }) => [
      `${name ?? 'document'} (${id})`,
      ...errors.map(lineOf('error')),
      ...deprecated.map(lineOf('deprecated')),
    ]),
    broken === 0 ? `All ${documents} documents are valid.` : `${broken} of ${documents} documents are not valid.`,
  ]
}
