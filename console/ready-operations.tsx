import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useState } from 'react'
import { createPortal } from 'react-dom'
import { readyOperations } from './operations.ts'

/** The contents of the tabs that a first visit starts with. */
export const readyTabs = readyOperations.map(({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables, null, 2) : '',
  headers: '',
}))

/**
 * Opens a ready operation: its tab where it is open, otherwise a new one, so that a closed tab is never lost. It has to be a child of
 * GraphiQL, whose tabs it opens, and shows itself in `place`.
 */
export function ReadyOperations({ place }: { readonly place: Element }) {
  const { addTab, changeTab, updateActiveTabValues } = useGraphiQLActions()
  const { tabs, queryEditor, variableEditor } = useGraphiQL(pick('tabs', 'queryEditor', 'variableEditor'))
  const [chosen, setChosen] = useState(0)

  const open = () => {
    const name = readyOperations[chosen]?.name
    const tab = readyTabs[chosen]
    const index = tabs.findIndex(({ title }) => title === name)
    if (index >= 0) return changeTab(index)
    if (!tab || name === undefined) return
    addTab()
    queryEditor?.setValue(tab.query)
    variableEditor?.setValue(tab.variables)
    updateActiveTabValues({ ...tab, operationName: name })
  }
  return createPortal(
    <>
      <label htmlFor="operation">Operation</label>
      <select id="operation" value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
        {readyOperations.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" onClick={open} disabled={!queryEditor}>
        Open
      </button>
    </>,
    place,
  )
}
