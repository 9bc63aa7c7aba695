/** A throw-away self-signed certificate for 127.0.0.1 and localhost, made by openssl in a temporary folder. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface CertificateOptions {
  /** Less than 0: it has expired. */
  readonly days?: number
  /** As openssl writes subjectAltName. */
  readonly names?: string
}

export function selfSigned({ days = 2, names = 'DNS:localhost,IP:127.0.0.1' }: CertificateOptions = {}): {
  key: string
  cert: string
} {
  const folder = mkdtempSync(join(tmpdir(), 'orderly-cert-'))
  const [key, cert, request, extensions] = ['key.pem', 'cert.pem', 'request.pem', 'extensions'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  writeFileSync(extensions, `subjectAltName=${names}\n`)
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-new', ...kind, '-subj', `/O=${randomUUID()}/CN=localhost`, '-keyout', key, '-out', request)
  const dates = ['-days', String(days), '-extfile', extensions]
  openssl('x509', '-req', '-in', request, '-signkey', key, ...dates, '-out', cert)
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' })
