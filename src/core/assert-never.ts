/**
 * The end of every exhaustive `switch`: the compiler proves that it is never reached,
 * and a value that slipped past the types (hand-edited data) is named instead of ignored.
 */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`)
}
