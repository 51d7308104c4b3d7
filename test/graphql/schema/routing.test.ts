import { describe, expect, it } from 'vitest'
import { PreviewRouteDocument } from '../../generated/graphql.ts'
import { createGraphFixture } from '../../support/graph/graph-fixture.ts'

describe('Query.previewRoute', () => {
  const preview = (input: object) => createGraphFixture().graph.ask(PreviewRouteDocument, { variables: { input } })

  it('returns the decision without sending', async () => {
    const { data } = await preview({ source: 'rbi', category: 'order', storeId: '1001' })
    expect(data).toEqual({
      previewRoute: {
        type: 'STORE',
        partners: ['careco'],
        rule: 'STORE_SUBSCRIBED',
        trace: ['store 1001 is subscribed by careco'],
      },
    })
  })

  it('rejects an input that the rules cannot decide, and sources that do not route', async () => {
    expect((await preview({ source: 'rbi' })).errors![0]).toMatchObject({
      message: 'A category is required.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect((await preview({ source: 'rbi', category: 'order', customer: { email: 'no address' } })).errors![0]).toMatchObject({
      message: 'This is not an e-mail address.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect((await preview({ source: 'oneview', category: 'x' })).errors![0]).toMatchObject({
      extensions: { code: 'UPSTREAM_NOT_SUPPORTED', source: 'oneview' },
    })
    expect((await preview({ source: 'nope' })).errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  })
})
