import type { Page } from 'playwright-core'

/** What a person cannot read or operate on this page, one sentence each; []: nothing was found. */
export function findFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    if (document.documentElement.scrollWidth > innerWidth) faults.push('The page scrolls sideways.')
    const isVisible = (element: Element) => element.checkVisibility() && element.getBoundingClientRect().width > 1
    const describe = (element: Element) => `<${element.localName}> "${element.textContent?.trim().slice(0, 40)}"`

    const nameOf = (element: Element) =>
      element.getAttribute('aria-label') ??
      (element as HTMLInputElement).labels?.[0]?.textContent ??
      element.textContent?.trim() ??
      ''
    for (const control of document.querySelectorAll('a, button, input, textarea, select, ul, ol, section')) {
      if (isVisible(control) && nameOf(control) === '') faults.push(`${describe(control)} has no name.`)
      const { height } = control.getBoundingClientRect()
      if (control.matches('button') && isVisible(control) && height < 24)
        faults.push(`${describe(control)} is ${height} px high.`)
    }

    // WCAG 2.2, 1.4.3: relative luminance of the text and of the first background behind it that is not transparent.
    const luminance = (color: string) => {
      const [r, g, b] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((value) => {
        const share = Number(value) / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
    }
    const backgroundOf = (element: Element | null): string => {
      if (!element) return 'rgb(255, 255, 255)'
      const { backgroundColor } = getComputedStyle(element)
      return backgroundColor === 'rgba(0, 0, 0, 0)' ? backgroundOf(element.parentElement) : backgroundColor
    }
    for (const element of document.querySelectorAll('#page *')) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
      // A control that cannot be used now is exempt.
      if (!hasText || !isVisible(element) || element.closest('button:disabled')) continue
      const [light, dark] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))].sort((a, b) => b - a)
      const contrast = (light! + 0.05) / (dark! + 0.05)
      if (contrast < 4.5) faults.push(`${describe(element)} has the contrast ${contrast.toFixed(2)}.`)
    }
    return faults
  })
}
