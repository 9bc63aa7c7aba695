/**
 * Everything that the schema cannot judge, since it takes more than one key.
 *
 * A list of checks, each with its own file; each yields all its findings. Pure: disks are looked at
 * by overlapping-folders.ts and check-folders.ts. Throws nothing.
 */
import { checkCalendars } from './check-calendars.ts'
import { checkCarriers } from './check-carriers.ts'
import type { CheckContext } from './check-context.ts'
import { checkClearing } from './check-clearing.ts'
import { checkDocuments } from './check-documents.ts'
import { checkExports } from './check-exports.ts'
import { checkImports } from './check-imports.ts'
import { checkLocale } from './check-locale.ts'
import { checkPatterns } from './check-patterns.ts'
import { checkRecipients } from './check-recipients.ts'
import { checkReferences } from './check-references.ts'
import { checkScopes } from './check-scopes.ts'
import { checkSms } from './check-sms.ts'
import { checkStores } from './check-stores.ts'
import { checkTimes } from './check-times.ts'
import { checkTransports } from './check-transports.ts'
import { checkWorkflows } from './check-workflows.ts'
import type { Finding } from './finding.ts'

const checks: readonly ((context: CheckContext) => readonly Finding[])[] = [
  checkReferences,
  checkStores,
  checkLocale,
  checkTimes,
  checkTransports,
  checkSms,
  checkRecipients,
  checkCalendars,
  checkWorkflows,
  checkDocuments,
  checkCarriers,
  checkScopes,
  checkImports,
  checkExports,
  checkClearing,
  checkPatterns,
]

export const crossCheck = (context: CheckContext): readonly Finding[] => checks.flatMap((check) => check(context))
