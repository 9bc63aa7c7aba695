/**
 * Rows of `documents.rules`: codes that exist, conditions that can hold, and rows that no order comes to.
 *
 * A row below one for all orders of the same occasion never counts: the first that fits does. Mails that attach a
 * document need a folder where it is found. Throws nothing.
 */
import type { CheckContext } from './check-context.ts'
import { scopeNames } from './check-references.ts'
import { checkConditions } from './check-workflows.ts'
import type { Finding } from './finding.ts'
import { noticesOf } from './notices.ts'

export function checkDocuments(context: Pick<CheckContext, 'config' | 'names'>): readonly Finding[] {
  return [...rows(context), ...attachments(context)]
}

function rows(context: Pick<CheckContext, 'config' | 'names'>): readonly Finding[] {
  const { rules } = context.config.documents
  const forAll = new Set<string>()
  return rules.flatMap((row, i) => {
    const path = ['documents', 'rules', i]
    const findings = [
      ...scopeNames(context, row.for, [...path, 'for']),
      ...(row.if ? checkConditions(row.if, [...path, 'if']) : []),
    ]
    if (forAll.has(row.on)) {
      const message = `no order comes to this row: one above takes all on "${row.on}"`
      findings.push({ code: 'C083', path, severity: 'warning', message, hint: 'Put the row for all orders last.' })
    }
    if (row.for === undefined && row.if === undefined) forAll.add(row.on)
    return findings
  })
}

function attachments({ config }: Pick<CheckContext, 'config'>): readonly Finding[] {
  return Object.entries(config.workflows).flatMap(([code, workflow]) =>
    noticesOf(workflow, ['workflows', code]).flatMap(({ notice, path }): readonly Finding[] => {
      if (notice.attach === undefined) {
        const idle = 'waitFor does not belong to a message without attach'
        return notice.waitFor === undefined
          ? []
          : [{ code: 'C089', path: [...path, 'waitFor'], at: 'key', message: idle }]
      }
      const place = [...path, 'attach']
      if (notice.mail === undefined)
        return [{ code: 'C089', path: place, at: 'key', message: 'an SMS has no attachment' }]
      if (config.documents.folder !== undefined) return []
      const message = 'documents.folder does not say where the PDF files are'
      return [{ code: 'C089', path: place, at: 'key', message, hint: 'Set documents.folder in orderly.yaml.' }]
    }),
  )
}
