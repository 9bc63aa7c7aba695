/**
 * Lays the demo's folder out: the shipped config and templates, and beside them `demo.yaml`, under which the demo runs.
 *
 * `demo.yaml` is the shipped main file with the demo's own mail server and SMS gateway; imports look more often and
 * exports are written at once. Workflows, stores, calendars and templates stay as shipped. Throws on I/O errors, and
 * when a shipped file is no YAML.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, parseDocument } from 'yaml'
import { packagedTemplates } from '../daemon/load-setup.ts'
import { programFolder } from '../platform/own-files.ts'

export interface DemoPlace {
  /** Everything lies in here. */
  readonly folder: string
  /** Under which the demo runs. */
  readonly configFile: string
  /** The shipped main file, which writes mails and SMS into files: for trying things afterwards. */
  readonly plainConfigFile: string
}

export interface DemoServers {
  readonly mailPort: number
  readonly smsPort: number
  readonly systemId: string
}

/** The config that ships with the program, from `src/` and from `dist/` alike. */
const packagedConfig = join(programFolder, 'config')
/** Name under which the daemon finds the gateway's password. */
export const passwordVariable = 'DEMO_SMPP_PASSWORD'

export async function layOut(folder: string, servers: DemoServers): Promise<DemoPlace> {
  const config = join(folder, 'config')
  await cp(packagedConfig, config, { recursive: true })
  await cp(packagedTemplates, join(folder, 'templates'), { recursive: true })
  await mkdir(join(folder, 'var'), { recursive: true })
  await editAll(join(config, 'imports'), lookOften)
  await editAll(join(config, 'exports'), (exported) => exported.set('when', 'atOnce'))
  const plainConfigFile = join(config, 'orderly.yaml')
  const configFile = join(config, 'demo.yaml')
  await writeFile(
    configFile,
    edited(await readFile(plainConfigFile, 'utf8'), (main) => useServers(main, servers)),
  )
  return { folder, configFile, plainConfigFile }
}

function useServers(main: Document, { mailPort, smsPort, systemId }: DemoServers): void {
  for (const channel of ['mail', 'sms']) {
    main.deleteIn([channel, 'folder'])
    main.setIn([channel, 'host'], '127.0.0.1')
  }
  main.setIn(['mail', 'transport'], 'smtp')
  main.setIn(['mail', 'port'], mailPort)
  main.setIn(['mail', 'security'], 'none')
  main.setIn(['sms', 'transport'], 'smpp')
  main.setIn(['sms', 'port'], smsPort)
  main.setIn(['sms', 'systemId'], systemId)
  main.setIn(['sms', 'password'], `\${${passwordVariable}}`)
}

/** A done file stays asked for where it is: the demo writes one. */
function lookOften(source: Document): void {
  source.set('every', '500ms')
  if (!source.hasIn(['ready', 'doneFile'])) source.set('ready', source.createNode({ stableFor: '200ms' }))
}

async function editAll(folder: string, edit: (document: Document) => void): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    if (name.endsWith('.yaml')) await writeFile(file, edited(await readFile(file, 'utf8'), edit))
  }
}

/** Comments and order of the file are kept. */
function edited(source: string, edit: (document: Document) => void): string {
  const document = parseDocument(source)
  const [error] = document.errors
  if (error) throw new Error(`the shipped config cannot be read: ${error.message}`)
  edit(document)
  return document.toString()
}
