import { install, isInstalled, mayInstall, redmineDesk, rtDesk } from './debian.ts'

/** Installs the desks where this run may do so, and says which ones are not tested. */
export default function setup(): void {
  const desks = [redmineDesk, rtDesk]
  if (mayInstall()) install(desks)
  for (const { name } of desks.filter((desk) => !isInstalled(desk))) {
    console.warn(`${name} is not installed, so its tests are skipped: DESKGRAPH_REAL=install npm run test:real installs it.`)
  }
}
