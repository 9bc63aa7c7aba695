import { expect, test } from 'vitest'
import { htmlToText } from '../../src/templates/html-to-text.ts'

test.each([
  ['<p>One</p><p>Two<br>three</p>', 'One\n\nTwo\nthree'],
  ['<h1>Title</h1>\n  text\n  goes   on', 'Title\n\ntext goes on'],
  ['<ul><li>a</li><li>b</li></ul><ol><li>x</li><li>y</li></ol>', '- a\n- b\n\n1. x\n2. y'],
  ['<table><tr><td>Shirt</td><td>2</td></tr><tr><td>Total</td>\n<td>€5</td></tr></table>', 'Shirt  2\nTotal  €5'],
  ['<a href="https://x.example/?a=1&amp;b=2">order</a>', 'order (https://x.example/?a=1&b=2)'],
  ['<a href="https://x.example">https://x.example</a>', 'https://x.example'],
  ['<a href="mailto:a@x.example">a@x.example</a>', 'a@x.example'],
  ['<a href="tel:+361234"><b>+36 1 234</b></a>', '+36 1 234'],
  ['<a href="https://x.example"><img src="cid:l.png" alt="Logo"></a>', 'Logo (https://x.example)'],
  ['<a href="#top">up</a>', 'up'],
  ['a &lt;b&gt; &amp;amp; &#337;&#x151; &nbsp;&unknown; &#0;', 'a <b> &amp; őő &unknown; &#0;'],
  ['<head><title>T</title><style>p > a {}</style></head><body>text</body>', 'text'],
  ['<div style="display: none">hidden<p>too</p><br></div>seen', 'seen'],
  ['a<!-- note <p> -->b<!-- open', 'ab'],
  ['2 < 3 and 4', '2 < 3 and 4'],
  ['<b>bold</b>, <i>it</i>!', 'bold, it!'],
  ['one<hr>two', 'one\n\n---\n\ntwo'],
  ['<p></p><p> </p><div><div>x</div></div>', 'x'],
])('%s reads as %j', (html, expected) => {
  expect(htmlToText(html)).toBe(expected)
})

test('half a megabyte of open tags takes no noticeable time', () => {
  const started = performance.now()
  htmlToText('<a href="'.repeat(60_000))
  htmlToText('<div>'.repeat(100_000))
  htmlToText(' '.repeat(300_000) + 'x')
  expect(performance.now() - started).toBeLessThan(5000)
})
