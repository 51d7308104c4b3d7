/** Ends the command with a message for the person at the terminal. */
export function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
