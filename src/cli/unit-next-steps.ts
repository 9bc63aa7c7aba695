/**
 * What is left to do after the unit was written: user, folders, credentials, and the commands of systemd.
 *
 * Only lines to print; nothing is done. Throws the system's error when /etc/passwd cannot be read.
 */
import { isLocalUser, missing, type ServicePlaces, unseen } from './unit-places.ts'
import { stateDirectory } from './unit-text.ts'
import type { FileState } from './unit-files.ts'

export function nextSteps(
  places: ServicePlaces,
  files: readonly { readonly state: FileState }[],
  dryRun: boolean,
): readonly string[] {
  const states = new Set(files.map(({ state }) => state))
  const changes = states.has('missing') || states.has('stale')
  const steps = [...userStep(places), ...folderSteps(places), ...secretSteps(places)]
  const commands = changes ? ['systemctl daemon-reload', startStep(files)] : []
  const notes = unseen(places).map(
    (path) => `Beware: ${path} lies where the service does not see it (home folders, /tmp, /dev); move it.`,
  )
  const all = [...steps, ...commands]
  return [
    ...notes,
    ...(changes || dryRun ? [] : ['Nothing changed.']),
    ...(all.length === 0 ? [] : ['Next:', ...all.map((step) => `  ${step}`)]),
  ]
}

const startStep = (files: readonly { readonly state: FileState }[]): string =>
  files[0]?.state === 'missing' ? 'systemctl enable --now orderly' : 'systemctl restart orderly'

function userStep({ unit: { user, dataFolder } }: ServicePlaces): readonly string[] {
  if (isLocalUser(user)) return []
  return [`useradd --system --user-group --home-dir ${quote(dataFolder)} --shell /usr/sbin/nologin ${user}`]
}

function folderSteps(places: ServicePlaces): readonly string[] {
  const { user, dataFolder } = places.unit
  const made = `install -d -o ${user} -m`
  const own = stateDirectory(dataFolder) === undefined ? [`${made} 0750 ${quote(dataFolder)}`] : []
  const folders = missing(places).folders.map((folder) => `${made} 2770 ${quote(folder)}   # or mount the share`)
  return [...own, ...folders]
}

function secretSteps(places: ServicePlaces): readonly string[] {
  const files = missing(places).credentials.map(
    (file) => `install -D -m 0600 /dev/null ${quote(file)}   # then put the password alone into it`,
  )
  const variables = places.variables.map(
    (name) =>
      `give the service the variable ${name}: EnvironmentFile= in systemctl edit orderly; better: \${credential:NAME}`,
  )
  return [...files, ...variables]
}

/** For a shell; only what needs quotes gets them. */
const quote = (text: string): string =>
  /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
