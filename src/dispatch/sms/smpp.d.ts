/**
 * The little of node-smpp 0.5.1 that Orderly uses: its PDU codec, its command and its status tables.
 *
 * The package has no types. Its sessions, servers and URL parsing are left out on purpose: one malformed
 * PDU wedges its session for good, so Orderly keeps the session itself (session.ts).
 */
declare module 'smpp' {
  /** A value of a mandatory field or TLV, by the library's field name. */
  type Field = string | number | Buffer

  class PDU {
    /** Decodes one complete frame. Throws RangeError or Error on a malformed body. */
    constructor(frame: Buffer)
    /** A PDU to encode; `fields` may hold command_status and sequence_number. */
    constructor(command: string, fields: Readonly<Record<string, Field>>)
    readonly message_id?: string
    toBuffer(): Buffer
  }

  const smpp: {
    readonly PDU: typeof PDU
    /** By name, e.g. `submit_sm`. */
    readonly commands: Readonly<Record<string, { readonly id: number }>>
    /** Name such as `ESME_RTHROTTLED` to command_status. */
    readonly errors: Readonly<Record<string, number>>
  }
  export default smpp
  export type { Field }
}
