/** The types behind each interface: a fragment on an interface matches these, and no other. */
export const possibleTypes: Record<string, string[]> = {
  "Node": [
    "Customer",
    "Delivery",
    "QuarantinedEvent",
    "Source",
    "ThreadMessage",
    "Ticket",
    "TicketEvent",
    "Vendor"
  ],
  "TicketReason": [
    "CancellationReason",
    "GeneralReason",
    "OrderReason",
    "SubjectAccessRequestReason"
  ],
  "TimelineEntry": [
    "Delivery",
    "ThreadMessage",
    "TicketEvent"
  ]
}
/** The object types without a field `id`: a cache keeps their objects inside the object that holds them. */
export const typesWithoutId = [
  "ActionAvailability",
  "Actor",
  "BulkPayload",
  "CancellationReason",
  "ContactReason",
  "CountReport",
  "CustomField",
  "CustomFieldDefinition",
  "DeliveryConnection",
  "DeliveryEdge",
  "Escalation",
  "EscalationDepartment",
  "FieldChange",
  "FormField",
  "FormOption",
  "Freshness",
  "GeneralReason",
  "OrderReason",
  "PageInfo",
  "QuarantinedEventConnection",
  "QuarantinedEventEdge",
  "ReconcilePayload",
  "Resolution",
  "ResolutionOption",
  "RoutePreview",
  "Routing",
  "Satisfaction",
  "SlaTarget",
  "SourceCapabilities",
  "SourceHealth",
  "SourceReport",
  "StatusOption",
  "SubjectAccessRequestReason",
  "ThreadMessageConnection",
  "ThreadMessageEdge",
  "TicketCategory",
  "TicketChange",
  "TicketConnection",
  "TicketCount",
  "TicketCounts",
  "TicketEdge",
  "TicketEventConnection",
  "TicketEventEdge",
  "TicketLink",
  "TicketPayload",
  "TimelineConnection",
  "TimelineEdge",
  "TransferQueue",
  "Upload",
  "UploadPayload",
  "UserError",
  "Viewer"
] as const
/** The codes of `extensions.code` of an error, and whether the same request may succeed later. docs/errors.md explains each. */
export const errorCodes = {
  "GRAPHQL_PARSE_FAILED": {
    "retryable": false
  },
  "GRAPHQL_VALIDATION_FAILED": {
    "retryable": false
  },
  "BAD_USER_INPUT": {
    "retryable": false
  },
  "OPERATION_TOO_DEEP": {
    "retryable": false
  },
  "OPERATION_TOO_COMPLEX": {
    "retryable": false
  },
  "OPERATION_RESOLUTION_FAILURE": {
    "retryable": false
  },
  "BAD_REQUEST": {
    "retryable": false
  },
  "PERSISTED_QUERY_NOT_FOUND": {
    "retryable": false
  },
  "PERSISTED_QUERY_NOT_SUPPORTED": {
    "retryable": false
  },
  "UNAUTHENTICATED": {
    "retryable": false
  },
  "FORBIDDEN": {
    "retryable": false
  },
  "AUTH_UNAVAILABLE": {
    "retryable": true
  },
  "OVERLOADED": {
    "retryable": true
  },
  "STORAGE_UNAVAILABLE": {
    "retryable": true
  },
  "RATE_LIMITED": {
    "retryable": true
  },
  "METHOD_NOT_ALLOWED": {
    "retryable": false
  },
  "PAYLOAD_TOO_LARGE": {
    "retryable": false
  },
  "UNSUPPORTED_MEDIA_TYPE": {
    "retryable": false
  },
  "UPSTREAM_TIMEOUT": {
    "retryable": true
  },
  "UPSTREAM_UNAVAILABLE": {
    "retryable": true
  },
  "UPSTREAM_RATE_LIMITED": {
    "retryable": true
  },
  "CIRCUIT_OPEN": {
    "retryable": true
  },
  "BUDGET_HELD": {
    "retryable": true
  },
  "ALL_SOURCES_FAILED": {
    "retryable": true
  },
  "UPSTREAM_AUTH_FAILED": {
    "retryable": false
  },
  "UPSTREAM_BAD_RESPONSE": {
    "retryable": false
  },
  "UPSTREAM_REJECTED": {
    "retryable": false
  },
  "UPSTREAM_NOT_SUPPORTED": {
    "retryable": false
  },
  "INTERNAL_SERVER_ERROR": {
    "retryable": false
  }
} as const
