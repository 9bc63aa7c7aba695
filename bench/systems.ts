/**
 * What can be measured: the floor and Orderly, each with how it is prepared and started.
 *
 * A system runs in one process, takes SIGTERM, and goes on after a SIGKILL with what lies in its folders.
 * Throws on I/O errors.
 */
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { orderlyCommand, prepareOrderly } from './orderly.ts'
import type { Place } from './place.ts'

export const systemNames = ['floor', 'orderly'] as const
export type SystemName = (typeof systemNames)[number]

export interface System {
  readonly name: SystemName
  /** Writes what it needs into `place.state`; may be called again for another kind of job. */
  prepare(place: Place): void
  /** Program and arguments. */
  command(place: Place): readonly string[]
}

const floorSource = fileURLToPath(new URL('floor.ts', import.meta.url))
const packages = fileURLToPath(new URL('../node_modules', import.meta.url))
const floorProgram = (place: Place): string => join(place.state, 'floor.mjs')
const floorSettings = (place: Place): string => join(place.state, 'place.json')

/** Without types, since stripping them when it starts would cost the floor time and memory. */
function prepareFloor(place: Place): void {
  writeFileSync(floorSettings(place), JSON.stringify(place))
  writeFileSync(floorProgram(place), stripTypeScriptTypes(readFileSync(floorSource, 'utf8')))
  const link = join(place.state, 'node_modules')
  if (!existsSync(link)) symlinkSync(packages, link)
}

export function systemOf(name: SystemName, fromSource: boolean): System {
  if (name === 'orderly')
    return { name, prepare: prepareOrderly, command: (place) => orderlyCommand(place, fromSource) }
  return {
    name,
    prepare: prepareFloor,
    command: (place) => [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      floorProgram(place),
      floorSettings(place),
    ],
  }
}
