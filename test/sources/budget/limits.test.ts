import { describe, expect, it } from 'vitest'
import {
  budgetConfig,
  type CallLimit,
  callKinds,
  costIn,
  countsCall,
  ownBudgetConfig,
  toLimits,
} from '../../../src/sources/budget/limits.ts'

const minute = 60_000
const plans = {
  small: [
    { name: 'all', calls: 100, windowMs: minute },
    { name: 'list', calls: 20, windowMs: minute, kinds: ['list'] },
    { name: 'burst', calls: 5, windowMs: 1_000, kinds: [] },
  ],
  large: [{ name: 'all', calls: 700, windowMs: minute }],
} as const
const shares = { keepForUsers: 0.2, replicas: 2 }

describe('the limits of a source', () => {
  it('are those of its plan; there is none without a plan, or with one that its vendor does not have', () => {
    expect(toLimits({ ...shares, plan: 'large' }, plans)).toEqual([{ name: 'all', calls: 700, windowMs: minute }])
    expect(toLimits(shares, plans)).toEqual([])
    expect(toLimits({ ...shares, plan: 'none' }, plans)).toEqual([])
  })

  it('have the own number of the operator in place of the number of the plan', () => {
    expect(toLimits({ ...shares, plan: 'small', calls: { list: 7, burst: 2 } }, plans)).toEqual([
      { name: 'all', calls: 100, windowMs: minute },
      { name: 'list', calls: 7, windowMs: minute, kinds: ['list'], isOwn: true },
      { name: 'burst', calls: 2, windowMs: 1_000, kinds: [], isOwn: true },
    ])
  })

  it('have an own number a minute for all calls and for each kind, where the plan has none', () => {
    const calls = { all: 50, list: 1, read: 2, search: 3, export: 4, write: 5 }
    expect(toLimits({ ...shares, calls }, plans)).toEqual([
      { name: 'all', calls: 50, windowMs: minute, isOwn: true },
      { name: 'list', calls: 1, windowMs: minute, isOwn: true, kinds: ['list'] },
      { name: 'read', calls: 2, windowMs: minute, isOwn: true, kinds: ['read'] },
      { name: 'search', calls: 3, windowMs: minute, isOwn: true, kinds: ['search'] },
      { name: 'export', calls: 4, windowMs: minute, isOwn: true, kinds: ['export'] },
      { name: 'write', calls: 5, windowMs: minute, isOwn: true, kinds: ['write'] },
    ])
  })

  it("have no own number for a vendor's limit that the plan does not have", () => {
    expect(toLimits({ ...shares, plan: 'large', calls: { burst: 2 } }, plans)).toEqual([
      { name: 'all', calls: 700, windowMs: minute },
    ])
    expect(toLimits({ ...shares, calls: { all: undefined } }, plans)).toEqual([])
  })
})

describe('the block `budget`', () => {
  const config = budgetConfig(plans, 'small')

  it('has the plan that the vendor says, a fifth for people, and two replicas where it says nothing', () => {
    expect(config.parse(undefined)).toEqual({ plan: 'small', keepForUsers: 0.2, replicas: 2 })
    expect(ownBudgetConfig().parse({})).toEqual({ keepForUsers: 0.2, replicas: 2 })
    expect(ownBudgetConfig().parse(undefined)).toBeUndefined()
  })

  it('takes a number for all calls, for each kind and for each limit of any plan', () => {
    const calls = { all: 1, burst: 1, ...Object.fromEntries(callKinds.map((kind) => [kind, 1])) }
    expect(config.parse({ calls }).calls).toEqual(calls)
    expect(ownBudgetConfig().parse({ calls: { all: 1, write: 2 } })?.calls).toEqual({ all: 1, write: 2 })
  })

  it.each([
    { plan: 'none' },
    { calls: { lists: 1 } },
    { calls: { all: 0 } },
    { calls: { all: 1.5 } },
    { keepForUsers: -0.1 },
    { keepForUsers: 0.91 },
    { replicas: 0 },
    { replicas: 1.5 },
    { unknown: 1 },
  ])('refuses %j', (block) => {
    expect(config.safeParse(block).success).toBe(false)
  })

  it('accepts the ends of its ranges', () => {
    for (const keepForUsers of [0, 0.9]) expect(config.parse({ keepForUsers, replicas: 1 })).toMatchObject({ keepForUsers })
  })

  it('of a system without plans knows no limit of a plan', () => {
    expect(ownBudgetConfig().safeParse({ calls: { burst: 1 } }).success).toBe(false)
    expect(ownBudgetConfig().safeParse({ plan: 'small' }).success).toBe(false)
  })
})

describe('a limit', () => {
  const limit = (changes: Partial<CallLimit> = {}): CallLimit => ({ name: 'burst', calls: 5, windowMs: minute, ...changes })

  it('counts a call by its cost, which is 1 unless the vendor says otherwise, or every call once', () => {
    expect([costIn(limit(), {}), costIn(limit(), { cost: 3 }), costIn(limit(), { cost: 0 })]).toEqual([1, 3, 0])
    expect(costIn(limit({ countsCalls: true }), { cost: 3 })).toBe(1)
  })

  it('counts every call, those of its kinds, and those that name it', () => {
    expect(countsCall(limit(), 'read', {})).toBe(true)
    expect(countsCall(limit({ kinds: ['list'] }), 'list', {})).toBe(true)
    expect(countsCall(limit({ kinds: ['list'] }), 'read', {})).toBe(false)
    expect(countsCall(limit({ kinds: [] }), 'read', { limits: ['other'] })).toBe(false)
    expect(countsCall(limit({ kinds: [] }), 'read', { limits: ['other', 'burst'] })).toBe(true)
  })

  it('of each ticket counts the calls for a ticket only', () => {
    expect(countsCall(limit({ perSubject: true }), 'write', {})).toBe(false)
    expect(countsCall(limit({ perSubject: true }), 'write', { subject: '7' })).toBe(true)
    expect(countsCall(limit({ perSubject: true, kinds: ['write'] }), 'read', { subject: '7' })).toBe(false)
  })
})
