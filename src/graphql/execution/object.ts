import type { Path } from 'graphql/jsutils/Path.js'
import type { Text } from './complete.ts'
import type { ReadField } from './field.ts'
import { failAfter } from './promise.ts'
import type { Run } from './run.ts'

export interface KeyedField {
  readonly key: string
  readonly read: ReadField
}

export type WriteObject = (source: unknown, at: Path | undefined, run: Run) => Text

/** Writes an object's fields one behind the other. Without a promise among them, the text is there at once. */
export function objectWriter(fields: readonly KeyedField[]): WriteObject {
  const heads = headsOf(fields)
  return (source, at, run) => {
    let text = '{'
    for (let index = 0; index < fields.length; index++) {
      const part = fields[index]!.read(source, at, run)
      if (typeof part !== 'string') return writeLater([text, heads[index]!, part], index + 1, source, at, run)
      text += heads[index]! + part
    }
    return `${text}}`
  }

  function writeLater(parts: Text[], from: number, source: unknown, at: Path | undefined, run: Run): Promise<string> {
    try {
      for (let index = from; index < fields.length; index++) parts.push(heads[index]!, fields[index]!.read(source, at, run))
    } catch (error) {
      return failAfter(error, parts)
    }
    return Promise.all(parts).then((texts) => `${texts.join('')}}`)
  }
}

/** The same for a mutation's root: each field begins when the one before has ended. */
export function serialWriter(fields: readonly KeyedField[]): WriteObject {
  const heads = headsOf(fields)
  return async (source, at, run) => {
    let text = '{'
    for (let index = 0; index < fields.length; index++) text += heads[index]! + (await fields[index]!.read(source, at, run))
    return `${text}}`
  }
}

function headsOf(fields: readonly KeyedField[]): string[] {
  return fields.map(({ key }, index) => `${index === 0 ? '' : ','}"${key}":`)
}
