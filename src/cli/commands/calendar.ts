/**
 * `orderly calendar show`: the opening hours that deadlines are counted in, day by day.
 * Reckoned by the same function as the deadlines themselves. Reads the config only.
 */
import type { Command } from 'commander'
import { didYouMean } from '../../config/nearest.ts'
import type { CalendarConfig, Config } from '../../config/schema.ts'
import { addDays, dateIn, dayOfWeek } from '../../core/date.ts'
import type { Cli } from '../context.ts'
import { examples } from '../examples.ts'
import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { countOf, dateOf } from '../typed-values.ts'

interface CalendarOptions {
  readonly from?: string
  readonly days: number
}

export function register(program: Command, cli: Cli): void {
  const group = program.command('calendar').description('opening hours')
  const show = group
    .command('show')
    .description('opening hours of a store or a calendar')
    .argument('[code]', 'store or calendar; default: all calendars')
  show
    .option('--from <date>', 'first day; default: today')
    .option('--days <count>', 'how many days', countOf('--days', 366), 7)
  examples(show, [
    ['orderly calendar show BUD01', 'of a store, in its time zone'],
    ['orderly calendar show standard --from 2026-12-20 --days 14', 'over the holidays'],
  ])
  show.action(async (code: string | undefined, options: CalendarOptions) => await showCalendar(cli, code, options))
}

interface Hours {
  readonly name: string
  readonly zone: string
  readonly calendar: CalendarConfig
}

async function showCalendar(cli: Cli, code: string | undefined, options: CalendarOptions): Promise<void> {
  const [{ config }, { hoursText }] = await Promise.all([
    cli.config(),
    import('../../workflow/collect/opening-hours.ts'),
  ])
  const wanted = code === undefined ? allOf(config) : [hoursOf(config, code)]
  const days = wanted.flatMap(({ name, zone, calendar }) => {
    const from = options.from === undefined ? dateIn(cli.clock.now(), zone) : dateOf(options.from, '--from')
    return Array.from({ length: options.days }, (_, i) => {
      const date = addDays(from, i)
      return {
        calendar: name,
        zone,
        date,
        weekday: weekdays[dayOfWeek(date) - 1] ?? '',
        hours: hoursText(calendar, zone, date),
      }
    })
  })
  cli.out.rows(
    days,
    [
      { head: 'calendar', of: ({ calendar }) => calendar },
      { head: 'date', of: ({ date }) => date },
      { head: 'day', of: ({ weekday }) => weekday },
      { head: 'open', of: ({ hours }) => (hours === '' ? 'closed' : hours) },
      { head: 'time zone', of: ({ zone }) => zone },
    ],
    'the config has no calendars',
  )
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

const allOf = ({ calendars, timeZone }: Config): readonly Hours[] =>
  Object.entries(calendars).map(([name, calendar]) => ({ name, zone: timeZone, calendar }))

function hoursOf({ calendars, stores, timeZone }: Config, code: string): Hours {
  const store = Object.hasOwn(stores, code) ? stores[code] : undefined
  const name = store === undefined ? code : store.calendar
  if (name === undefined)
    throw new Failure(exitCodes.notFound, `store ${code} has no calendar: it counts as open all the time`)
  const calendar = Object.hasOwn(calendars, name) ? calendars[name] : undefined
  if (calendar !== undefined) return { name: code, zone: store?.timeZone ?? timeZone, calendar }
  const hint = didYouMean(code, [...Object.keys(stores), ...Object.keys(calendars)])
  throw new Failure(
    exitCodes.notFound,
    `there is no store or calendar "${code}"${hint === undefined ? '' : `. ${hint}`}`,
  )
}
