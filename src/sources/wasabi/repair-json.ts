/** Mends what documents and hand-made files get wrong: commas before a closing bracket, and no-break spaces between tokens. Texts stay as they are. */
export function repairJson(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[\u00a0\u202f\u2007\ufeff]|,(?=[\s\u00a0\u202f\u2007]*[}\]])/gs, (token) => {
    if (token.startsWith('"')) return token
    return token === ',' ? '' : ' '
  })
}

/** The same, for the commas behind a whole record too. */
export function repairRecord(text: string): string {
  return repairJson(text).replace(/[\s,]+$/, '')
}
