/**
 * A clearing file that its ERP has not answered in time: one alarm (N42).
 *
 * The timer is set when the file is written and cancelled by the answer. Pure; throws NotLoaded from `known`.
 */
import { isoIn } from '../../core/date.ts'
import { raiseAlarm } from '../messages/alarm.ts'
import type { Draft } from '../draft.ts'
import { answerTimer } from './written.ts'

export function clearingUnanswered(draft: Draft, timer: { readonly name: string; readonly subject: string }): void {
  if (timer.name !== answerTimer) return
  const file = draft.get('clearingFile', timer.subject)
  if (file === undefined || file.state !== 'exported') return
  const open = file.entries.length - file.accepted - file.refused
  raiseAlarm(draft, {
    key: `clearing-unanswered/${file.id}`,
    subject: file.id,
    title: 'The ERP has not answered a clearing file',
    what: `${file.name}: ${open} of ${file.entries.length} entries have no answer`.slice(0, 250),
    where: `export ${file.export}, written ${isoIn(file.createdAt, draft.setup.config.timeZone)}`,
    next: `Ask the ERP; then: orderly clearing accept ${file.name}, or: orderly clearing refuse ${file.name}`.slice(
      0,
      250,
    ),
  })
}
