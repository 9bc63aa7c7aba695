/**
 * Of a value that fits none of several forms: the form that was most likely meant.
 *
 * Zod reports the issues of all forms; a person can use those of one. A form of another kind (text
 * where a map stands) is out; of the others the one with the fewest unknown and missing keys wins.
 * When none stands out, says so. Throws nothing.
 */
import type { z } from 'zod'

export type Issue = z.core.$ZodIssue
export type Picked =
  | { readonly kind: 'issues'; readonly issues: readonly Issue[] }
  /** The value is of a kind that no form has. */
  | { readonly kind: 'wrongKind' }
  /** A map whose keys fit several forms equally badly. */
  | { readonly kind: 'unclear'; readonly unknownKeys: readonly string[] }

export function pickBranch(branches: readonly (readonly Issue[])[]): Picked {
  const flat = branches.flatMap(unfold)
  const sameKind = flat.filter((issues) => !issues.some(isOtherKind))
  if (sameKind.length === 0) return { kind: 'wrongKind' }
  const words = sameKind.filter((issues) => issues.some(isOtherWord))
  if (words.length === sameKind.length && flat.length > 1) return { kind: 'wrongKind' }
  const scored = sameKind
    .filter((issues) => !words.includes(issues))
    .map((issues) => ({ issues, score: misfit(issues) }))
    .sort((a, b) => a.score - b.score)
  const [best, second] = scored
  if (best === undefined) return { kind: 'wrongKind' }
  if (second?.score === best.score && best.score > 0) return { kind: 'unclear', unknownKeys: unknownIn(best.issues) }
  return { kind: 'issues', issues: best.issues }
}

/** A form that is itself several forms counts as these. */
function unfold(issues: readonly Issue[]): readonly (readonly Issue[])[] {
  const [first] = issues
  const isUnion = issues.length === 1 && first?.code === 'invalid_union' && first.path.length === 0
  return isUnion && first.errors.length > 0 ? first.errors.flatMap(unfold) : [issues]
}

const isOtherKind = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.path.length === 0
const isOtherWord = (issue: Issue): boolean => issue.code === 'invalid_value' && issue.path.length === 0

/** Unknown keys weigh as much as missing ones; wrong values below known keys weigh nothing. */
function misfit(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return sum + issue.keys.length
    return sum + (issue.path.length === 1 && isMissing(issue) ? 1 : 0)
  }, 0)
}

/** Needs issues that carry their input (`reportInput`). */
export const isMissing = (issue: Issue): boolean =>
  (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union') &&
  issue.input === undefined

const unknownIn = (issues: readonly Issue[]): readonly string[] =>
  issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []))
