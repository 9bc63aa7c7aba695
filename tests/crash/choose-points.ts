/**
 * Which points of a run are tried when not all are: one of each kind first, then the rest by chance.
 */
import { type Seeded, seeded } from './seeded.ts'
import type { Point } from './trace.ts'

const kindOf = ({ phase, kind }: Point): string => `${phase}: ${kind}`

export const kindsOf = (points: readonly Point[]): readonly string[] => [...new Set(points.map(kindOf))]

/** With fewer points than kinds, the seed says which kinds are tried. */
export function choosePoints(all: readonly Point[], count: number, seed: number): readonly Point[] {
  if (count >= all.length) return all
  const chance = seeded(seed)
  const ofKinds = oneOfEach(all, chance)
  const chosen = new Set(ofKinds.slice(0, count))
  const rest = chance.shuffled(all.filter((point) => !chosen.has(point))).slice(0, count - chosen.size)
  return [...chosen, ...rest]
}

const oneOfEach = (all: readonly Point[], chance: Seeded): readonly Point[] =>
  chance.shuffled([...Map.groupBy(all, kindOf).values()].map((points) => chance.pick(points)))
