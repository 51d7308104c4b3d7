import type { Instant } from './instant.ts'

/**
 * A guest's support ticket as the rbi middleware and its partners exchange it: the `data` of both webhooks, in either
 * direction. What partners send may lack fields or have more of them; what we send is always this.
 */
export interface SupportTicketData {
  /** The ticket's external id. */
  readonly id: string
  readonly type: 'STORE' | 'GENERAL'
  /** The key of the category group. */
  readonly category: string
  /** The key of the sub-category. */
  readonly subcategory: string
  /** The issue id agreed for the sub-category ("Knowledge Force Issue ID"). */
  readonly subcategoryId: string
  readonly comments: string | null
  /** Through what the guest came: becomes the ticket's channel. */
  readonly source: string
  readonly store: { readonly id: string } | null
  readonly order: { readonly id: string; readonly placedAt: Instant | null } | null
  readonly customer: {
    readonly id: string | null
    readonly name: string | null
    readonly email: string | null
    readonly phone: string | null
  } | null
  readonly region: string
  readonly createdAt: Instant
}
