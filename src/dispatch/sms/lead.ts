/**
 * How many messages go in a moment, by what has gone lately: so many may be leased ahead of their place in the window.
 *
 * All that is leased is in doubt after a crash, so the lead is bounded in time (20 ms) and not in number: a gateway
 * that answers at once is kept busy while a commit is under way, a slow one gets none. Pure bookkeeping on a monotonic
 * time that is passed in, in milliseconds; after a pause it starts at 0 again. Throws nothing.
 */

export interface Lead {
  /** A message was accepted. */
  accepted(now: number): void
  /** Messages that go in a moment, at the pace of the last stretch. */
  messages(now: number): number
}

const leadMs = 20
/** Long enough that one slow commit or one slice of an import does not hide the pace. */
const stretchMs = 100

export function openLead(): Lead {
  let began = -Infinity
  let count = 0
  let last = { messages: 0, until: -Infinity }
  /** Begins a new stretch when the old one is over. */
  const look = (now: number): void => {
    const took = now - began
    if (took < stretchMs) return
    // Nobody looked for so long: there was a pause between.
    last = { messages: took < 2 * stretchMs ? Math.floor((count * leadMs) / took) : 0, until: now + 2 * stretchMs }
    began = now
    count = 0
  }
  return {
    accepted: (now) => {
      look(now)
      count += 1
    },
    messages: (now) => {
      look(now)
      return now < last.until ? last.messages : 0
    },
  }
}
