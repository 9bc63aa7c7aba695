import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTemplateFiles } from '../../src/config/template-files.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'orderly-templates-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(path: string, content: string | Buffer = path): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}
const read = () => readTemplateFiles([join(root, 'own'), join(root, 'packaged')])

test('an own file stands in for the packaged one of the same template, language and part', async () => {
  await write('packaged/customer/ready/en.html.mustache')
  await write('packaged/customer/ready/en.txt.mustache')
  await write('packaged/customer/ready/hu.txt.mustache')
  await write('own/customer/ready/en.txt.mustache', 'mine\r\nhere')
  const { templates, problems } = await read()
  expect(problems).toEqual([])
  const versions = templates.get('customer/ready')
  expect([...(versions?.keys() ?? [])].sort()).toEqual(['en', 'hu'])
  expect(versions?.get('en')).toEqual({
    txt: { text: 'mine\nhere', file: join(root, 'own/customer/ready/en.txt.mustache'), own: true },
    html: {
      text: 'packaged/customer/ready/en.html.mustache',
      file: join(root, 'packaged/customer/ready/en.html.mustache'),
      own: false,
    },
  })
})

test('partials, pictures and export templates are found and overridden alike', async () => {
  await write('packaged/partials/layout/top.mustache')
  await write('packaged/partials/layout/top.hu.mustache')
  await write('own/partials/layout/top.mustache')
  await write('packaged/assets/logo.png', 'packaged')
  await write('own/assets/logo.png', 'own')
  await write('packaged/exports/clearing.xml.mustache')
  const { partials, assets, exports, problems } = await read()
  expect(problems).toEqual([])
  expect(partials.get('layout/top')?.get('')?.own).toBe(true)
  expect(partials.get('layout/top')?.get('hu')?.own).toBe(false)
  expect(assets.get('logo.png')).toMatchObject({ contentType: 'image/png', content: 'b3du' })
  expect(exports.get('exports/clearing.xml.mustache')?.text).toBe('packaged/exports/clearing.xml.mustache')
})

test('languages are kept in canonical form', async () => {
  await write('own/a/b/de-at.txt.mustache')
  await write('own/a/b/ZH-hans.txt.mustache')
  expect([...((await read()).templates.get('a/b')?.keys() ?? [])].sort()).toEqual(['de-AT', 'zh-Hans'])
})

test.each([
  'own/ready/en.txt.mustache',
  'own/en.txt.mustache',
  'own/customer/ready/en.text.mustache',
  'own/customer/ready/english.txt.mustache',
  'own/customer/ready/en-a.txt.mustache',
  'own/customer/re ady/en.txt.mustache',
  'own/customer/ready/en.txt.mustache.old',
  'own/assets/logo.svg',
  'own/assets/deep/logo.png',
  'own/partials/a b.mustache',
])('%s has a name that is a warning, and is left out', async (path) => {
  await write(path)
  const { templates, assets, partials, problems } = await read()
  expect(problems).toMatchObject([{ code: 'T002', severity: 'warning', place: { file: join(root, path) } }])
  expect([templates.size, assets.size, partials.size]).toEqual([0, 0, 0])
})

test('what editors and people leave about is passed over', async () => {
  for (const name of ['.git/config', 'README.md', 'a/b/en.txt.mustache~', 'a/b/.en.txt.mustache.swp'])
    await write(`own/${name}`)
  expect((await read()).problems).toEqual([])
})

test('a link to a place outside is refused, one to a file inside is followed', async () => {
  await write('secret.txt', 'secret')
  await write('own/a/b/en.txt.mustache')
  await symlink(join(root, 'secret.txt'), join(root, 'own/a/b/hu.txt.mustache'))
  await symlink(join(root, 'gone'), join(root, 'own/a/b/fr.txt.mustache'))
  await symlink(join(root, 'own/a/b/en.txt.mustache'), join(root, 'own/a/b/de.txt.mustache'))
  await write('outside/x/en.txt.mustache')
  await symlink(join(root, 'outside'), join(root, 'own/c'))
  const { templates, problems } = await read()
  expect([...templates.keys()]).toEqual(['a/b'])
  expect([...(templates.get('a/b')?.keys() ?? [])].sort()).toEqual(['de', 'en'])
  expect(problems.map(({ code, place }) => `${code} ${place.file}`).sort()).toEqual([
    `T001 ${join(root, 'own/a/b/fr.txt.mustache')}`,
    `T001 ${join(root, 'own/a/b/hu.txt.mustache')}`,
    `T001 ${join(root, 'own/c')}`,
  ])
})

test('a file that is too large or no UTF-8 is an error', async () => {
  await write('own/a/b/en.txt.mustache', 'x'.repeat(256 * 1024 + 1))
  await write('own/a/b/hu.txt.mustache', Buffer.from([0x66, 0xf5, 0x66]))
  await write('own/assets/large.png', Buffer.alloc(1024 * 1024 + 1))
  const { templates, assets, problems } = await read()
  expect(problems.map(({ code }) => code)).toEqual(['T001', 'T001', 'T001'])
  expect([templates.size, assets.size]).toEqual([0, 0])
})

test('a byte order mark is no part of the text', async () => {
  await write('own/a/b/en.txt.mustache', '\ufeff---\nsubject: S\n---\n')
  expect((await read()).templates.get('a/b')?.get('en')?.txt?.text).toBe('---\nsubject: S\n---\n')
})

test('a folder that is not there counts as empty', async () => {
  expect(await readTemplateFiles([join(root, 'no')])).toMatchObject({ problems: [] })
})

test('a folder that is a file is empty too, and a whole that can’t be read is thrown', async () => {
  await write('file', 'x')
  await expect(readTemplateFiles([join(root, 'file')])).rejects.toThrow(/file/)
})
