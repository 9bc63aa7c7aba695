#!/usr/bin/env node
/**
 * Where the process starts: looks at the Node version first, then hands over to the command line.
 *
 * Imports nothing before that look, so that an old Node gives one plain sentence instead of a stack. Sets the
 * exit code and lets the process end by itself. `neededNode` is the one of package.json.
 */
const neededNode = [24, 15] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < neededNode[0] || (major === neededNode[0] && minor < neededNode[1])) {
  process.stderr.write(
    `orderly needs Node ${neededNode.join('.')} or later; this is Node ${process.versions.node} (${process.execPath}). ` +
      'Install it from your distribution or nodejs.org, or run the program with npx.\n',
  )
  process.exitCode = 78
} else {
  const { keepCompiledCode } = await import('../platform/compiled-code.ts')
  keepCompiledCode(process.env)
  const { runProgram } = await import('./program.ts')
  const { processIo } = await import('./process-io.ts')
  process.exitCode = await runProgram(process.argv.slice(2), processIo())
}
