/**
 * The text of the systemd unit, and of the drop-in that holds what a config names: folders and credentials.
 *
 * The unit that ships (systemd/orderly.service) is made by the same function, so there is one list of what the
 * service may not do. Names and paths are escaped; those that cannot be are to be refused before. Throws nothing.
 */
import { forceAfterMs } from '../daemon/stop.ts'
import { commandLine, listWord, mountUnits, plainPath } from '../platform/unit-syntax.ts'
import { exitCodes } from './exit-codes.ts'

export interface UnitPlaces {
  readonly user: string
  /** Program and words, without `run` and what follows it. */
  readonly program: readonly string[]
  /** Search path, where the program is not named by an absolute path. */
  readonly searchPath?: string
  readonly configFile: string
  /** Absolute. */
  readonly dataFolder: string
  /** Pages for `systemctl help`. */
  readonly pages: readonly string[]
}

export interface DropInPlaces {
  readonly configFile: string
  /** Absolute folders that are written to, the data folder left out. */
  readonly folders: readonly string[]
  readonly dataFolder: string
  readonly credentials: readonly { readonly name: string; readonly file: string }[]
}

/** Seconds beyond the daemon's own forced end until systemd kills. */
const stopMarginSeconds = 20

/** Below /var/lib, by a name that needs no escaping: the folder that systemd makes for the service. */
export const stateDirectory = (dataFolder: string): string | undefined =>
  /^\/var\/lib\/((?:[\w-][\w.-]*\/)*[\w-][\w.-]*)$/.exec(dataFolder)?.[1]

export const unitText = (places: UnitPlaces): string =>
  [...unitSection(places), '', ...serviceSection(places), '', ...limits, '', ...hardening, '', ...installSection].join(
    '\n',
  ) + '\n'

const unitSection = ({ pages }: UnitPlaces): readonly string[] => [
  '[Unit]',
  'Description=Orderly: order and payment files in, mail, SMS and export files out',
  `Documentation=${pages.map((page) => `file://${plainPath(encodeURI(page))}`).join(' ')}`,
  'After=network-online.target remote-fs.target time-sync.target',
  'Wants=network-online.target',
  '# Five starts in ten minutes, then it stays down for a person.',
  'StartLimitIntervalSec=600',
  'StartLimitBurst=5',
]

function serviceSection({ user, program, searchPath, configFile, dataFolder }: UnitPlaces): readonly string[] {
  const state = stateDirectory(dataFolder)
  return [
    '[Service]',
    '# Orderly starts systemd-notify for each message, hence NotifyAccess=all.',
    'Type=notify',
    'NotifyAccess=all',
    `User=${user}`,
    ...(searchPath === undefined ? [] : [`Environment=${listWord(`PATH=${searchPath}`)}`]),
    '# Room for young objects of 4 MB instead of 16 for each thread: far less memory under load, no slower.',
    'Environment=NODE_OPTIONS=--max-semi-space-size=8',
    `ExecStart=${commandLine([...program, 'run', '--config', configFile])}`,
    '# Checks the whole changed config first; with any error the old one stays and an alarm is mailed.',
    'ExecReload=/bin/kill -HUP $MAINPID',
    ...(state === undefined ? [] : [`StateDirectory=${state}`, 'StateDirectoryMode=0750']),
    '# Compiled code is kept here, so that the next start is quicker. It may be removed at any time.',
    `CacheDirectory=${state ?? 'orderly'}`,
    'CacheDirectoryMode=0700',
  ]
}

const { tryAgain, usage, config } = exitCodes
const limits: readonly string[] = [
  `# ${tryAgain}: another daemon has the data folder. ${config}: config or ledger needs a person. ${usage}: the command`,
  '# line above is wrong. Starting again helps none of them.',
  'Restart=on-failure',
  'RestartSec=5',
  `RestartPreventExitStatus=${usage} ${tryAgain} ${config}`,
  'TimeoutStartSec=300',
  `# The daemon forces its own end ${forceAfterMs / 1000} s after SIGTERM.`,
  `TimeoutStopSec=${forceAfterMs / 1000 + stopMarginSeconds}`,
  'KillMode=mixed',
  '# Pings come only while the work itself goes on.',
  'WatchdogSec=120',
  'OOMScoreAdjust=-100',
  'LimitNOFILE=16384',
  '# A dump of the memory would hold passwords and personal data.',
  'LimitCORE=0',
]

const hardening: readonly string[] = [
  '# What it cannot do. MemoryDenyWriteExecute= must stay away: V8 compiles JavaScript to machine code.',
  'UMask=0027',
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'DevicePolicy=closed',
  'PrivateUsers=yes',
  'ProtectHostname=yes',
  'ProtectClock=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectProc=invisible',
  'ProcSubset=pid',
  'RemoveIPC=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
]

const installSection: readonly string[] = ['[Install]', 'WantedBy=multi-user.target']

/** Folders and credentials. A share that is away delays no start: it is only waited for where it is being mounted. */
export function dropInText({ configFile, folders, dataFolder, credentials }: DropInPlaces): string {
  const mounts = [...new Set(folders.flatMap(mountUnits))].toSorted()
  const own = stateDirectory(dataFolder) === undefined ? [dataFolder] : []
  return [
    '[Unit]',
    '# Without these two nothing can run.',
    `RequiresMountsFor=${[configFile, dataFolder].map((path) => listWord(path)).join(' ')}`,
    ...(mounts.length === 0
      ? []
      : ['# Shares that are being mounted come first; Orderly waits itself for one that is away.']),
    ...(mounts.length === 0 ? [] : [`After=${mounts.join(' ')}`]),
    '',
    '[Service]',
    ...own.map((path) => `ReadWritePaths=${listWord(path)}`),
    ...(folders.length === 0 ? [] : ['# "-": the service starts when the folder is not there yet.']),
    ...folders.map((path) => `ReadWritePaths=${listWord(path, '-')}`),
    ...(credentials.length === 0 ? [] : ['# The files belong to root, mode 0600.']),
    ...credentials.map(({ name, file }) => `LoadCredential=${name}:${plainPath(file)}`),
    '',
  ].join('\n')
}

/** The unit that ships, for an installation in /opt/orderly without a config yet. */
export const shippedUnit = (): string =>
  [
    '# Orderly as a service, as "orderly systemd install" writes it for a program in /opt/orderly and a config in',
    '# /etc/orderly. Better use that command: it also lets in the folders and passwords of your config.',
    '# By hand: see README.md beside this file.',
    '',
    unitText({
      user: 'orderly',
      program: ['/usr/bin/env', 'node', '/opt/orderly/dist/cli/main.js'],
      searchPath: '/opt/orderly/node_modules/.bin:/usr/local/bin:/usr/bin:/bin',
      configFile: '/etc/orderly/config/orderly.yaml',
      dataFolder: '/var/lib/orderly',
      pages: ['/opt/orderly/systemd/README.md', '/opt/orderly/docs/operations.md'],
    }),
  ].join('\n')
