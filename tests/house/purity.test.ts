import { expect, it } from 'vitest'
import { importsOf, placesOf, sourceFiles } from './source-files.ts'

const pure = ['core', 'formats', 'workflow', 'templates']
const files = sourceFiles('src').filter(({ room }) => pure.includes(room))

it('has no files, network, processes or database in the pure rooms', () => {
  const outside =
    /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|sqlite|os|timers)(\/|$)/
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter(({ from }) => outside.test(from))
      .map(({ from, line }) => `${file.path}:${line} ${from}`),
  )
  expect(wrong).toEqual([])
})

it('reads no clock, no chance, no environment and no network in the pure rooms', () => {
  expect(placesOf(files, /\bDate\.now\b|\bnew\s+Date\b(?!\s*\(\s*[^\s)])|(?<!new\s+)\bDate\s*\(/g)).toEqual([])
  expect(placesOf(files, /\bperformance\.now\b|\bhrtime\b|\bTemporal\.Now\b/g)).toEqual([])
  expect(placesOf(files, /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bgetRandomValues\b/g)).toEqual([])
  expect(placesOf(files, /\bprocess\.|(?<![\w.])fetch\s*\(/g)).toEqual([])
})

it('decides at once: nothing in workflow and core waits', () => {
  const deciding = files.filter(({ room }) => room === 'workflow' || room === 'core')
  expect(placesOf(deciding, /\basync\b|\bawait\b|\bPromise\b|\.then\s*\(/g)).toEqual([])
})
