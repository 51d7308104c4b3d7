/**
 * What bounds a target that was missed, by the verdict's key: one sentence each, proved by a profile, and only while it is true.
 * The report prints it beside the miss.
 */
export const bounds: Readonly<Record<string, string>> = {}
