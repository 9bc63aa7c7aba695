/**
 * The codes of problems with the data of import files (D…) and with writing export files (X…).
 *
 * Each code has a severity, a title (one clause, no full stop), the usual cause and what to do;
 * docs/problems.md is made from this table. Codes are stable: they are never given a new meaning.
 * Warnings never refuse a record. Throws nothing.
 */
export interface ProblemCodeEntry {
  readonly severity: 'error' | 'warning'
  readonly title: string
  readonly cause: string
  readonly todo: string
}

const error = (title: string, cause: string, todo: string): ProblemCodeEntry => ({
  severity: 'error',
  title,
  cause,
  todo,
})
const warning = (title: string, cause: string, todo: string): ProblemCodeEntry => ({
  severity: 'warning',
  title,
  cause,
  todo,
})

export const dataProblems = {
  // The file as bytes and text
  D001: error(
    'unknown encoding',
    'format.encoding, or the XML declaration, names none that exists',
    'Name one such as utf-8, windows-1250, iso-8859-2, utf-16le or cp852.',
  ),
  D002: error(
    'bytes that do not belong to the encoding',
    'The file has another encoding than the one set, or was damaged',
    'Set format.encoding to that of the program that writes the file.',
  ),
  D003: error(
    'a NUL character: this is not text in that encoding',
    'A binary file, or UTF-16 without a byte order mark',
    'Set format.encoding (utf-16le?) or keep such files out by the pattern "files".',
  ),
  D004: error(
    'a control character',
    'A value was taken over from a screen or a device',
    'Remove the character at the source.',
  ),
  D005: error(
    'the file is empty',
    'The writer made a file without a header or a document',
    'Let the writer finish, or write no file when there is nothing to say.',
  ),
  // CSV
  D006: error(
    'a column name stands twice in the header',
    'Two columns cannot be told apart by name',
    'Rename one, or set header: false with skipRows and name the columns 1, 2, 3 ….',
  ),
  D007: error(
    'a column without a name in the header',
    'Often a delimiter too many at the end of the row',
    'Name it, or set header: false with skipRows and name the columns 1, 2, 3 ….',
  ),
  D008: error(
    'a column that the config names is not in the file',
    'Another layout, delimiter or encoding than the config says',
    'Compare the header with format.fields, delimiter and skipRows.',
  ),
  D009: error(
    'a row with another number of columns',
    'A delimiter inside a value without quotes, or a cut row',
    'Quote the value or complete the row; such rows are never shifted.',
  ),
  D010: error(
    'a quote that is opened and never closed',
    'A quote inside a value that was not doubled',
    'Double the quote inside the value, or set quote: "" when the file has none.',
  ),
  D011: error(
    'text after a closing quote',
    'A quote inside a value that was not doubled',
    'Double the quote inside the value.',
  ),
  D012: error(
    'a record larger than the limit',
    'Rows without line ends, an unclosed quote, or an embedded attachment',
    'Check delimiter, quote and line ends.',
  ),
  D013: error(
    'a record that stood earlier in the file',
    'Rows of one record must follow each other',
    'Sort the file by the groupBy column.',
  ),
  D014: error(
    'rows of one record differ in a value that belongs to the whole record',
    'Two records under one number, or a column that belongs to lines',
    'Map the column to lines.…, or mend the rows.',
  ),
  D015: error(
    'a row without a value in the groupBy column',
    'The row cannot be told to belong to a record',
    'Fill the column.',
  ),
  // JSON
  D016: error('this is not JSON', 'A cut or hand-edited file', 'Check the text at this place.'),
  D017: error(
    'the path of the config is not in the document',
    'Another layout than the config says',
    'Compare format.records and format.fields with the file.',
  ),
  D018: error(
    'a record that is not an object',
    'The list holds plain values or lists',
    'Set format.records to the list of the records.',
  ),
  // XML
  D019: error('this is not well-formed XML', 'A cut or hand-edited file', 'Check the text at this place.'),
  D020: error(
    'a document type declaration (DOCTYPE)',
    'It could define entities or name files to fetch; it is refused unread',
    'Let the writer leave it out.',
  ),
  D021: error(
    'XML beyond the limits',
    'Elements nested too deep, or a text too long',
    'Check the file; limits are 100 levels, 1 MiB a text, 16 MiB a record.',
  ),
  D022: error(
    'another kind of document',
    'The root element or its namespace is not that of the format',
    'Check format.type and the pattern "files".',
  ),
  D023: error(
    'not a new order',
    'Changes, responses, cancellations and other types are never taken for orders',
    'Handle the document by hand, or keep such files out by the pattern "files".',
  ),
  D024: error(
    'no record in the document',
    'The writer made an envelope without content',
    'Ask the sender for the complete file.',
  ),
  D025: error(
    'the file ends in the middle',
    'It was cut, or is still being written',
    'Get the whole file; check "ready" of the import.',
  ),
  // Fields
  D030: error(
    'a value is missing',
    'The field is needed',
    'Fill it, map it under format.fields, or set it under format.constants.',
  ),
  D031: error(
    'not a number as the config describes it',
    'Another decimal mark, or text',
    'Check format.decimal and format.thousands.',
  ),
  D032: error(
    'not a date as the config describes it',
    'Another order or separator, or no such day',
    'Check format.dates.',
  ),
  D033: error(
    'neither yes nor no',
    'Another word',
    'Use true/false, yes/no or 1/0, or translate the word under format.values.',
  ),
  D034: error('an unknown word', 'The field takes only certain words', 'Translate the word under format.values.'),
  D035: error(
    'a text that this field cannot hold',
    'Too long, or with a line break or control character in it',
    'Shorten or mend it at the source.',
  ),
  D036: error(
    'several values where one is expected',
    'A list, or an element that stands more than once',
    'Name one of them by its position, or map the field elsewhere.',
  ),
  D037: error(
    'an amount larger than an amount can be',
    'A wrong decimal or grouping mark, or two numbers run together',
    'Check format.decimal and format.thousands.',
  ),
  D038: error(
    'not a currency',
    'The code is not in ISO 4217',
    'Use a code such as EUR, or translate the word under format.values.',
  ),
  D039: error(
    'no total, and none can be reckoned from the lines',
    'Lines without prices',
    'Map gross, or the prices of the lines, or set constants: { gross: "0" }.',
  ),
  // Against the books, in files that take effect as a whole (atomic: true)
  D040: error(
    'a change that the order forbids',
    'It has moved on since',
    'Mend the row: nothing of the file took effect.',
  ),
  D041: error('an order that is not known', 'It has not come yet', 'Mend the row, or drop the file again later.'),
  D042: error('too many records for an atomic file', 'The writer waits too long', 'Write smaller files.'),
  // Kept, but worth a look
  D050: warning(
    'the lines do not add up to the total',
    'Discounts, charges or VAT that the file does not state, or an error at the source',
    'The total of the file is kept.',
  ),
  D051: warning(
    'not a mail address',
    'A typing error, or several addresses',
    'No mail can be sent there; the value is left out.',
  ),
  D052: warning(
    'not a phone number',
    'A typing error, or a number without its country',
    'The value is kept as written.',
  ),
  D053: warning(
    'not a code of a country or language',
    'A name instead of a code',
    'Translate the word under format.values, e.g. { Hungary: HU }.',
  ),
  D054: warning(
    'movements that are not booked',
    'Pending, informational or zero movements are not money yet',
    'They come again when they are booked.',
  ),
  D055: warning(
    'the balances of the statement do not add up',
    'A cut statement, or an error at the bank',
    'Compare the statement with the account.',
  ),
  D056: warning(
    'the details of a movement do not add up to it',
    'Details in another currency or of another sign, or an error at the bank',
    'Compare the movement with the account.',
  ),
  D057: warning(
    'a batch that does not show all its payments',
    'The bank gives the details elsewhere or not at all',
    'Ask the bank for the details (camt.054), and import either the one or the other.',
  ),
  D058: warning(
    'a statement that is a copy, or a page of several',
    'The bank repeated it or cut it into pages',
    'Make sure that all pages arrive.',
  ),
  D059: warning('an amount of zero', 'A notice rather than a movement', 'Nothing will be matched to it.'),
  D060: warning(
    'a version of the format that is not known yet',
    'The sender is newer than this program',
    'It was read like the newest known version; compare the result.',
  ),
  D061: warning(
    'an account without a currency',
    'Neither the account nor its group names one',
    'The currency of the config was taken; ask the bank to name it.',
  ),
} as const satisfies Record<`D${number}`, ProblemCodeEntry>

export const exportProblems = {
  X001: error(
    'a character that the encoding of the export lacks',
    'The text comes from a larger alphabet',
    'Set format.encoding of the export to utf-8, or mend the text.',
  ),
  X002: error(
    'a value that needs quotes, and the export has none',
    'It holds the delimiter or a line break',
    'Set format.quote of the export.',
  ),
  X003: error('a character that XML cannot hold', 'A control character in the text', 'Mend the text.'),
  X004: error('the template of the export cannot be used', 'An unclosed section or a wrong tag', 'Mend the template.'),
  X005: error(
    'a field that this kind of export does not have',
    'A typing error in the config or the template',
    'Use a field of docs/fields.md.',
  ),
  X006: error(
    'an encoding or element name that does not exist',
    'A typing error in the config',
    'Mend format of the export.',
  ),
  X007: error(
    'a list or group where one value is expected',
    'CSV and XML columns hold single values',
    'Name a field of it, or use a template.',
  ),
} as const satisfies Record<`X${number}`, ProblemCodeEntry>

export const formatProblemCodes = { ...dataProblems, ...exportProblems }
export type FormatProblemCode = keyof typeof formatProblemCodes
