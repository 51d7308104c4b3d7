import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCompiledExecutor } from '../../../src/performance/compiled-executor/executor.ts'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'
import { randomOperation, seededDraw } from '../../support/operations/random-operation.ts'
import { expectSameAnswer } from '../../support/operations/same-answer.ts'

// What arguments are mostly given, so that operations find things; everything else is made from its type.
const values = {
  id: [...Object.values(ids), 'garbage', ''],
  ids: [...Object.values(ids), 'garbage'],
  source: ['oneview', 'oneview', 'rbi', 'vcc', 'oneview', 'unknown'],
  sources: ['oneview', 'oneview', 'rbi', 'vcc', 'rbi', 'unknown'],
  externalId: ['t1', 'r1', '../t1'],
  customerId: [ids.customer, ids.customer, 'garbage'],
  vendorId: [ids.vendor],
  first: [0, 1, 1, 25, 25, 100, 100, 101],
  after: [null, null, null, 'garbage'],
}

const everything = ['tickets:read', 'tickets:write', 'tickets:raw', 'customers:pii', 'routing:admin', 'source:*']
const viewers = [everything, ['tickets:read', 'source:oneview'], ['tickets:write', 'source:*'], []]
const executor = createCompiledExecutor(createGraphFixture().graph.schema)

test.each(['query', 'mutation'] as const)(
  'a plan answers any %s over the real graph as graphql-js does, for every kind of viewer',
  async (kind) => {
    let [valid, compiled] = [0, 0]
    const shape = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 5 }), fc.constantFrom(...viewers))
    await fc.assert(
      fc.asyncProperty(shape, async ([seed, depth, scopes]) => {
        // How long a source took is never the same twice.
        const without = ['SourceReport.latencyMs', 'SourceHealth.checkedAt']
        const { schema } = createGraphFixture().graph
        const operation = randomOperation(schema, seededDraw(seed), { kind, depth, values, without })
        const newContext = () => createGraphFixture().graph.contextFor({ scopes })
        const byPlan = await expectSameAnswer({ schema, executor, operation, newContext })
        if (byPlan !== null) valid += 1
        if (byPlan) compiled += 1
      }),
      { numRuns: 1_000 },
    )
    // The rest are not valid (the same name for different things), or leave no data.
    expect(valid).toBeGreaterThan(250)
    expect(compiled).toBeGreaterThan(100)
  },
  120_000,
)
