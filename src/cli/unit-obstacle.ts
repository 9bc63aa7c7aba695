/**
 * Why the unit cannot be installed on this machine: no Linux, no systemd, not root.
 *
 * Each with what can be done instead. Looks at nothing itself. Throws nothing.
 */
import { exitCodes } from './exit-codes.ts'
import { Failure } from './failure.ts'

export interface Machine {
  readonly platform: string
  /** Undefined where the system has no such numbers. */
  readonly uid: number | undefined
  /** /run/systemd/system is there (sd_booted(3)). */
  readonly booted: boolean
}

const instead = 'Write the files elsewhere with --unit-dir FOLDER, or look at them with --print.'

export function obstacle({ platform, uid, booted }: Machine): Failure | undefined {
  if (platform !== 'linux') {
    return new Failure(exitCodes.unavailable, `there is no systemd on ${platform}`, instead)
  }
  if (!booted) {
    return new Failure(
      exitCodes.unavailable,
      'this machine was not started by systemd (no /run/systemd/system)',
      instead,
    )
  }
  if (uid !== 0) {
    return new Failure(exitCodes.noPermission, 'only root may install a unit. Give the command with sudo.', instead)
  }
  return undefined
}
