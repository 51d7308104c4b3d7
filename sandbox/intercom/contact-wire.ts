import { toEpochSeconds } from '../times.ts'
import type { Company, Contact } from './records.ts'
import { openedAt, workspaceId } from './workspace.ts'

// Contacts and companies, in the vendor's format.

const never = {
  ...{ last_seen_at: null, last_contacted_at: null, last_email_opened_at: null, last_email_clicked_at: null },
  ...{ android_app_name: null, android_app_version: null, android_device: null, android_os_version: null },
  ...{ android_sdk_version: null, android_last_seen_at: null, ios_app_name: null, ios_app_version: null, ios_device: null },
  ...{ ios_os_version: null, ios_sdk_version: null, ios_last_seen_at: null, browser: null, browser_version: null },
  ...{
    browser_language: null,
    os: null,
    utm_campaign: null,
    utm_content: null,
    utm_medium: null,
    utm_source: null,
    utm_term: null,
  },
  ...{ referrer: null, avatar: null },
}

/** A contact. Lists of what belongs to it are by address. */
export function printContact(contact: Contact) {
  const list = (name: string, data: readonly unknown[] = []) => ({
    ...{ type: 'list', data, url: `/contacts/${contact.id}/${name}`, total_count: data.length, has_more: false },
  })
  return {
    ...{ type: 'contact', id: contact.id, workspace_id: workspaceId, external_id: contact.externalId, role: contact.role },
    ...{ email: contact.email, email_domain: contact.email.split('@')[1] ?? '', phone: contact.phone, name: contact.name },
    ...never,
    owner_id: contact.ownerId === null ? null : Number(contact.ownerId),
    social_profiles: { type: 'list', data: [] },
    ...{ has_hard_bounced: false, marked_email_as_spam: false, unsubscribed_from_emails: contact.isUnsubscribed },
    created_at: toEpochSeconds(contact.createdAt),
    updated_at: toEpochSeconds(contact.updatedAt),
    signed_up_at: contact.role === 'user' ? toEpochSeconds(contact.createdAt) : null,
    last_replied_at: contact.lastRepliedAt === null ? null : toEpochSeconds(contact.lastRepliedAt),
    language_override: contact.language,
    location: { type: 'location', country: contact.country, region: null, city: null, country_code: null, continent_code: null },
    custom_attributes: contact.custom,
    tags: list('tags'),
    notes: list('notes'),
    companies: list(
      'companies',
      contact.companyIds.map((id) => ({ type: 'company', id, url: `/companies/${id}` })),
    ),
    opted_out_subscription_types: list('subscriptions'),
    opted_in_subscription_types: list('subscriptions'),
    enabled_push_messaging: null,
  }
}

export function printCompany(company: Company, userCount: number) {
  const at = toEpochSeconds(openedAt)
  return {
    ...{ type: 'company', company_id: company.companyId, id: company.id, app_id: workspaceId, name: company.name },
    ...{ remote_created_at: at, created_at: at, updated_at: at, monthly_spend: 0, session_count: 0, user_count: userCount },
    ...{ size: company.size, industry: company.industry },
    tags: { type: 'tag.list', tags: [] },
    segments: { type: 'segment.list', segments: [] },
    plan: company.plan === null ? {} : { type: 'plan', id: company.companyId, name: company.plan },
    custom_attributes: {},
  }
}
