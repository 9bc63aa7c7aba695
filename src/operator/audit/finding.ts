/**
 * One finding of an audit: a problem with the id of what it is about, and how findings are made.
 *
 * Title and advice come from the table of codes. A warning cannot be proved to be a loss and does not make the
 * books unbalanced. Pure; throws nothing.
 */
import type { Problem } from '../../core/problem.ts'
import { type AuditCode, auditCodes } from './codes.ts'

export interface Finding extends Problem {
  readonly code: AuditCode
  /** Of the record, message, file, line or event. */
  readonly id: string
  readonly found: string
  readonly expected: string
}

export interface Detail {
  readonly found: string
  readonly expected: string
  /** File on disk. */
  readonly file?: string
  readonly severity?: 'warning'
}

export function finding(code: AuditCode, id: string, { found, expected, file, severity }: Detail): Finding {
  const { title, todo } = auditCodes[code]
  return {
    code,
    severity: severity ?? 'error',
    id,
    place: file === undefined ? {} : { file },
    message: title,
    found,
    expected,
    hint: todo,
  }
}

/** A value as it stands in a finding. */
export const shown = (value: unknown): string =>
  value === undefined || value === null ? 'nothing' : JSON.stringify(value)
