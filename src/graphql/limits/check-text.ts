import { DeskgraphError } from '../../domain/errors.ts'
import type { OperationLimits } from './config.ts'
import { refuseOver } from './refuse.ts'

/** Brackets in brackets that the parser, which calls itself for each, is handed at most. */
const maxNesting = 100
const quote = 34
const blockQuote = '"""'

/** Looks at the text before it is parsed: its length, and how deep its brackets go. Throws BAD_REQUEST or OPERATION_TOO_DEEP. */
export function checkText(source: string, limits: Pick<OperationLimits, 'queryLength'>): void {
  refuseOver('BAD_REQUEST', 'Characters in the document', source.length, limits.queryLength, 'queryLength')
  if (nestingOf(source) > maxNesting) {
    throw new DeskgraphError('OPERATION_TOO_DEEP', `The document nests its brackets more than ${maxNesting} levels deep.`)
  }
}

/** The deepest nesting of brackets outside texts and comments. */
function nestingOf(source: string): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < source.length; at++) {
    const char = source.charCodeAt(at)
    if (char === quote) at = endOfText(source, at)
    else if (char === 35) at = endOfComment(source, at)
    else if (char === 123 || char === 91 || char === 40) deepest = Math.max(deepest, ++depth)
    else if (char === 125 || char === 93 || char === 41) depth--
  }
  return deepest
}

function endOfText(source: string, start: number): number {
  if (source.startsWith(blockQuote, start)) return endOfBlock(source, start + 3)
  for (let at = start + 1; at < source.length; at++) {
    const char = source.charCodeAt(at)
    if (char === 92) at++
    else if (char === quote || char === 10 || char === 13) return at
  }
  return source.length
}

function endOfBlock(source: string, start: number): number {
  let end = source.indexOf(blockQuote, start)
  while (end > 0 && source.charCodeAt(end - 1) === 92) end = source.indexOf(blockQuote, end + 3)
  return end < 0 ? source.length : end + 2
}

function endOfComment(source: string, start: number): number {
  for (let at = start; at < source.length; at++) {
    const char = source.charCodeAt(at)
    if (char === 10 || char === 13) return at
  }
  return source.length
}
