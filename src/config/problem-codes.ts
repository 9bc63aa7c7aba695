/**
 * The codes of config problems: title, cause and what to do, as they stand in docs/problems.md.
 *
 * Codes are stable: a number is never given to another problem. Other rooms keep a table of this
 * shape beside their own code and hand it to the reference page; nothing here knows them. Codes
 * are grouped by tens: files, schema, secrets, values, folders, transports, calendars, workflows,
 * formats, disk. Throws nothing.
 */
import type { ProblemCode } from '../core/problem.ts'

export interface CodeEntry {
  readonly title: string
  readonly cause: string
  readonly todo: string
}
export type CodeTable = Readonly<Record<ProblemCode, CodeEntry>>

const code = (title: string, cause: string, todo: string): CodeEntry => ({ title, cause, todo })

const fileCodes = {
  C001: code('File cannot be read', 'The file is missing or may not be read.', 'Check path, owner and permissions.'),
  C002: code('File is not UTF-8', 'The file holds bytes that are no UTF-8.', 'Save it as UTF-8 in the editor.'),
  C003: code('File is too large', 'A config file is larger than 1 MB.', 'Split it: one file a store, one a workflow.'),
  C004: code('YAML cannot be read', 'The syntax is wrong.', 'Mend the line; indent with spaces, never tabs.'),
  C005: code('YAML holds something unused', 'A tag such as !env has no meaning here.', 'Remove it.'),
  C006: code('A value contains itself', 'An alias stands within its own anchor.', 'Write the value out.'),
  C007: code('More than one document', 'A line "---" starts a second document.', 'Use one file for each.'),
  C008: code('Key stands twice', 'The same key stands twice in one map.', 'Remove one of the two.'),
  C009: code('File is not read', 'A name that Orderly does not look for.', 'Rename it, or move it elsewhere.'),
} as const satisfies CodeTable

const schemaCodes = {
  C010: code('Unknown key', 'No such setting at this place.', 'Correct the spelling or remove the key.'),
  C011: code('Missing key', 'A setting that must be there is not.', 'Add it.'),
  C012: code('Wrong kind of value', 'Text, number, list or map where another is wanted.', 'Write what is expected.'),
  C013: code(
    'Text without quotes',
    'YAML reads 0123, 1.50 or true as a number or a switch, and zeros are lost.',
    'Put the value in quotes.',
  ),
  C014: code('Word not in the list', 'Only certain words are allowed here.', 'Choose one of them.'),
  C015: code('Wrong form', 'The text has not the form of such a value.', 'Write it as in the example.'),
  C016: code('Out of range', 'The value is too small, too large, or empty.', 'Keep within the limits.'),
  C017: code('Name is not possible', 'A code or field name with characters that it may not have.', 'Choose another.'),
  C018: code('No form fits', 'The map is none of those that are possible here.', 'Compare with docs/config.md.'),
  C019: code('Value refused', 'The schema refuses the value for another reason.', 'Compare with docs/config.md.'),
  C020: code('Same code twice', 'The same code stands in two files.', 'Keep one of the two.'),
} as const satisfies CodeTable

const secretCodes = {
  C030: code('${…} is not filled in here', 'Only passwords may name a variable or file.', 'Write the value itself.'),
  C031: code('Variable is missing', 'The environment variable is not set, or empty.', 'Set it for the service.'),
  C032: code(
    'Secret file cannot be read',
    'Missing, not permitted, empty or too large.',
    'Check path and permissions.',
  ),
  C033: code('Credential is missing', 'systemd gave no credential of that name.', 'Add LoadCredential= to the unit.'),
  C034: code(
    'Secret in clear',
    'A password stands in the config file.',
    'Use ${ENV_NAME}, ${file:…} or ${credential:…}.',
  ),
  C035: code(
    'Reference is malformed',
    'What stands between ${ and } is none of the three forms.',
    'Write ${NAME}, ${file:/path} or ${credential:name}.',
  ),
} as const satisfies CodeTable

const valueCodes = {
  C040: code(
    'Named thing does not exist',
    'A store, workflow, channel … of that code is not there.',
    'Correct or add.',
  ),
  C041: code('Unknown time zone', 'No IANA zone of that name.', 'Write e.g. Europe/Budapest.'),
  C042: code('Unknown currency', 'No ISO 4217 currency of that code.', 'Write e.g. EUR.'),
  C043: code('Unknown country', 'No ISO 3166-1 country of that code.', 'Write e.g. HU.'),
  C044: code('Unknown language', 'No language of that code, or one not listed.', 'Write e.g. en; add it to languages.'),
  C045: code('Cron time is wrong', 'The time cannot be understood.', 'Write atOnce or five fields: "0 18 * * *".'),
  C046: code('Unknown encoding', 'No encoding of that name.', 'Write e.g. utf-8 or windows-1250.'),
  C047: code('Not a list of mail addresses', 'A part between ";" is no address.', 'Correct the address.'),
  C048: code('Durations contradict', 'Zero, or longer than the one that must be longer.', 'Correct one of them.'),
} as const satisfies CodeTable

const folderCodes = {
  C050: code('Folders overlap', 'Two uses of the same folder, or of one inside the other.', 'Give each its own.'),
  C051: code('File name is not possible', 'Unknown placeholder, a path, or names that repeat.', 'Correct the pattern.'),
  C052: code('Done file is not possible', 'Its name must hold {name} or differ from the file.', 'Write "{name}.done".'),
} as const satisfies CodeTable

const transportCodes = {
  C060: code('Transport lacks a setting', 'The chosen transport cannot work without it.', 'Add it.'),
  C061: code('Rehearsal without a place to go', 'Nobody would get the messages.', 'Add safety.redirectTo.'),
  C062: code('Sender of SMS not possible', 'Over 15 digits, over 11 characters, or an unknown field.', 'Shorten it.'),
  C063: code('Password goes in clear', 'Log-in on a connection without encryption.', 'Encrypt the connection.'),
  C064: code('Transport is off', 'Workflows have messages for a transport that is none.', 'Set the transport.'),
  C065: code('SMS accounts do not fit', 'Routes, accounts, quiet hours or prices contradict each other.', 'Mend them.'),
} as const satisfies CodeTable

const calendarCodes = {
  C070: code('Calendar rule contradicts itself', 'Keys are missing, too many, or do not belong.', 'Correct the rule.'),
  C071: code('Hours contradict', 'They end before they start, or overlap.', 'Correct the hours.'),
  C072: code('Never open', 'No day within a year is open, so nothing could expire.', 'Add an opening rule.'),
} as const satisfies CodeTable

const workflowCodes = {
  C080: code('pos needs postOn: delivery', 'A till can post only what is handed over (N40).', 'Change one of the two.'),
  C081: code('fixedCustomer does not fit', 'It belongs to customerMapping: fixed, and only to it.', 'Correct the two.'),
  C082: code(
    'Nothing to send',
    'Messages are switched on without a template.',
    'Name a template or remove the switch.',
  ),
  C083: code('Workflow never applies', 'What it is for excludes itself.', 'Correct `for`.'),
  C084: code('Workflow of another kind', 'Only a collect workflow can be named here.', 'Name a collect workflow.'),
  C085: code('No recipient', 'Messages go to somebody who has no address.', 'Add the address.'),
  C086: code('Condition never holds', 'No value can fit it.', 'Correct or remove it.'),
  C087: code('Unknown condition field', 'Orders have no such field.', 'See docs/fields.md.'),
  C089: code(
    'Attachment has no place',
    'No folder, or no mail to attach it to.',
    'Set documents.folder, or remove it.',
  ),
  C088: code('Workflow without steps', 'It would never do anything.', 'Write steps, or on with an occasion.'),
} as const satisfies CodeTable

const formatCodes = {
  C090: code('Unknown import field', 'Files of this kind have no such field.', 'See docs/fields.md.'),
  C091: code(
    'Required field is not mapped',
    'Without it the records make no sense.',
    'Map it, or give it as a constant.',
  ),
  C092: code('Unknown export field', 'Exports of this kind have no such field.', 'See docs/fields.md.'),
  C093: code(
    'Format does not fit the kind',
    'UBL holds orders; camt, MT940, CODA, BAI2 and OFX hold payments.',
    'Change kind or format.',
  ),
  C094: code('Format contradicts itself', 'The same mark for two things, or half a date.', 'Correct the marks.'),
  C095: code('Pattern is not usable', 'It cannot be read, is too long, or could take for ever.', 'Simplify it.'),
  C098: code('No answer is expected', 'Exports of this kind are not answered.', 'Remove expectAnswer.'),
  C097: code('Whole file or row by row', 'atomic is for files of statuses, and refuses them whole.', 'Remove one.'),
  C096: code('Lines without a place', 'Fields of lines are mapped, but not where lines are.', 'Set lines or groupBy.'),
} as const satisfies CodeTable

const diskCodes = {
  C100: code('Folder does not exist', 'The folder is not there, or the share is away.', 'Make it, or mount the share.'),
  C101: code('Folder without permission', 'It cannot be read or written.', 'Give the service user the right.'),
  C102: code(
    'Claim folder on another file system',
    'Files are claimed and put away by rename, which works within one file system only.',
    'Remove the mount or link below the folder.',
  ),
  C103: code('Ledger on a network share', 'SQLite cannot lock safely there.', 'Put `data` on a local disk.'),
  C104: code('CA file cannot be used', 'It cannot be read, or holds no certificate.', 'Check path and content.'),
  C105: code(
    'Folder is a link',
    'Files are moved into real folders only, since others may write in the import folder.',
    'Remove the link.',
  ),
  C106: code(
    'Data folder open to all',
    'Every user of the machine may look into the ledger.',
    'Take the rights of others away: chmod o-rwx.',
  ),
} as const satisfies CodeTable

const storeCodes = {
  C120: code('Workflows of a store contradict', '`workflow` and `workflows`, or one twice.', 'Keep one of them.'),
  C121: code('Half a place', 'A latitude without a longitude, or the other way round.', 'Give both.'),
  C122: code(
    'Nobody is told of customers',
    'Customers are made or changed, and no export of kind customers tells the ERP of their company.',
    'Add the export, or set customerUpdate: never.',
  ),
  C123: code('Phone number cannot be used', 'It is no number that can be dialled.', 'Write it as +36301234567.'),
  C124: code('Store lacks a setting', 'Something that orders for it need is not there.', 'Add it.'),
} as const satisfies CodeTable

const clearingCodes = {
  C130: code('Terms of clearing contradict', 'Settings of a pair do not fit each other.', 'Correct the pair.'),
  C131: code('Setting belongs to clearing', 'Only clearing files have control figures and periods.', 'Remove it.'),
  C132: code(
    'Entries in two files',
    'Two clearing exports write the same entries.',
    'Limit one by company or channel.',
  ),
} as const satisfies CodeTable

export const configCodes = {
  ...fileCodes,
  ...schemaCodes,
  ...secretCodes,
  ...valueCodes,
  ...folderCodes,
  ...transportCodes,
  ...calendarCodes,
  ...workflowCodes,
  ...formatCodes,
  ...diskCodes,
  ...clearingCodes,
  ...storeCodes,
} as const satisfies CodeTable

export type ConfigCode = keyof typeof configCodes
