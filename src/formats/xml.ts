/**
 * XML files of any layout to records: one per element on the path of the config.
 *
 * Holds one record at a time. The root must be the one of the path; a document without any such
 * element is refused, so that a file of another kind does not pass as an empty one. Paths are
 * local names. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import { failure, quoted } from './data-problem.ts'
import { record } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { compileMapping } from './mapping.ts'
import { pathSteps, XmlMapper } from './xml-fields.ts'
import { XmlReader } from './xml-tree.ts'
import type { XmlHandler } from './xml-tree.ts'

type XmlFormat = Extract<ImportFormat, { type: 'xml' }>

export function xmlMachine(format: XmlFormat, kind: ImportKind): Machine {
  const path = pathSteps(format.record)
  const mapper = new XmlMapper(compileMapping(format, kind), format.lines)
  const ready: ReadItem[] = []
  let row = 0
  const handler: XmlHandler = {
    root(name, _namespace, line) {
      if (name === path[0]) return
      throw failure('D022', { place: { line }, found: quoted(name), expected: quoted(path[0] ?? '') })
    },
    open: (at) => at.length === path.length && at.every((name, i) => name === path[i]),
    tree(element) {
      row += 1
      ready.push(record(row, element.line, mapper.map(element)))
    },
    close: () => undefined,
  }
  const reader = new XmlReader(handler)
  return xmlDriver(reader, ready, () => {
    if (row === 0) throw failure('D024', { expected: `elements ${quoted(path.join('/'))}` })
  })
}

/** A machine over an XmlReader whose handler fills `ready`; what came before an error is told first. */
export function xmlDriver(reader: XmlReader, ready: ReadItem[], atEnd: () => void): Machine {
  const run = (into: ReadItem[], work: () => void): void => {
    try {
      work()
    } finally {
      for (const item of ready) into.push(item)
      ready.length = 0
    }
  }
  return {
    push: (text, into) => run(into, () => reader.write(text)),
    end(into) {
      run(into, () => reader.end())
      run(into, atEnd)
    },
  }
}
