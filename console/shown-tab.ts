/** What a tab of GraphiQL holds. */
export interface TabContents {
  readonly query: string | null
  readonly variables: string | null
}

/**
 * The tab that a visit begins with: the one that was open at the last visit, else the first ready one. GraphiQL keeps
 * its tabs by itself, but fills the editors from what was edited last, which leaves out variables that nobody touched.
 */
export function findShownTab(stored: string | null, ready: readonly TabContents[]): TabContents | undefined {
  return (stored === null ? undefined : toActiveTab(stored)) ?? ready[0]
}

function toActiveTab(stored: string): TabContents | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(stored) as { tabs: TabContents[]; activeTabIndex: number }
    return tabs[activeTabIndex]
  } catch {
    return undefined
  }
}
