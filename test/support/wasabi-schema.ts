import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

const ajv = new Ajv({ strict: false })
;(addFormats as unknown as (ajv: Ajv) => void)(ajv)

/** True for an envelope that is valid against the published schema of Wasabi's customer-care tickets. */
export const isCustomerCareTicket = ajv.compile(
  JSON.parse(readFileSync('src/sources/wasabi/customer-care-ticket.schema.json', 'utf8')),
)
