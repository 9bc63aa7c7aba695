/**
 * The different ones of a few values, in their order, without those that are not there.
 *
 * For lists of a handful: compares each with each, which costs less there than a Set. Throws nothing.
 */
export const distinct = <T>(values: readonly (T | undefined)[]): readonly T[] =>
  values.filter((value, i): value is T => value !== undefined && values.indexOf(value) === i)
