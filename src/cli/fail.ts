/** Prints a message for the operator and ends the process with the exit code 1. */
export function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
