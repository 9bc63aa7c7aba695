/**
 * The parts of nodemailer that write and send mails.
 *
 * Taken by `require`: its modules that `import` takes ask Node for all that fetches over HTTP, which nobody
 * here uses, and the start waits for that. Throws when the package is not installed.
 */
import { createRequire } from 'node:module'
import type Composer from 'nodemailer/lib/mail-composer'
import type * as funcs from 'nodemailer/lib/mime-funcs'
import type Node from 'nodemailer/lib/mime-node'
import type * as qp from 'nodemailer/lib/qp'
import type Connection from 'nodemailer/lib/smtp-connection'

const require = createRequire(import.meta.url)

export const MailComposer = require('nodemailer/lib/mail-composer') as typeof Composer
export const MimeNode = require('nodemailer/lib/mime-node') as typeof Node
export const SMTPConnection = require('nodemailer/lib/smtp-connection') as typeof Connection
export const { foldLines } = require('nodemailer/lib/mime-funcs') as typeof funcs
export const quotedPrintable = require('nodemailer/lib/qp') as typeof qp
