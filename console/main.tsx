import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './console.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Console } from './console.tsx'

const place = document.getElementById('console')
if (place) {
  createRoot(place).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  )
}
