import { types } from 'pg'

const bigint = 20

/** As pg's own, but bigint is a number, as PGlite gives it. Ours are row counts and sequences, far below 2^53. */
export const postgresTypes: Pick<typeof types, 'getTypeParser'> = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === bigint ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
}
