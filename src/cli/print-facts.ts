/**
 * Names with their values below each other; what has no value is left out.
 * Values are made harmless by the output. Throws nothing.
 */
import type { Output } from './print.ts'

export type Fact = readonly [name: string, value: string | number | undefined]

export function printFacts(out: Output, facts: readonly Fact[]): void {
  const known = facts.filter(([, value]) => value !== undefined && value !== '')
  const longest = Math.max(0, ...known.map(([name]) => name.length))
  for (const [name, value] of known) out.line(`${name.padEnd(longest)}  ${String(value)}`)
}
