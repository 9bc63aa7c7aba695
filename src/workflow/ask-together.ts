/**
 * Asks several questions of `Known` before it gives up on one that is not loaded.
 *
 * So that one load of the ledger answers them all. Throws NotLoaded when an answer is missing; any other
 * error passes at once.
 */
import { NotLoaded } from '../core/known.ts'

/** The answers in the order of the questions. */
export function askTogether<T>(questions: readonly (() => T)[]): readonly T[] {
  const answers: T[] = []
  let missing: NotLoaded | undefined
  for (const question of questions) {
    try {
      answers.push(question())
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error
      missing = error
    }
  }
  if (missing !== undefined) throw missing
  return answers
}
