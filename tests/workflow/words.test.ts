import { expect, test } from 'vitest'
import { collectWorkflow, Shop, templates, toCollect } from './shop.ts'

const words = {
  delivery: { collect: { en: 'Pick up at the store', hu: 'Átvétel az üzletben' } },
  payment: { transfer: 'Bank transfer' },
}
const received = {
  ...templates,
  'customer/received/en.txt.mustache':
    '---\nsubject: "{{order.deliveryMethodName}}, {{order.paymentMethodName}}, {{order.statusName}}"\n---\nText\n',
  'customer/received/hu.txt.mustache': '---\nsubject: "{{order.deliveryMethodName}}"\n---\nText\n',
}

test.each([
  ['en', 'Pick up at the store, Bank transfer, received'],
  ['hu', 'Átvétel az üzletben'],
])('messages in %s call the words of the files as the config does', (language, subject) => {
  const shop = new Shop({ words, workflows: { std: collectWorkflow } }, received)
  shop.orders(toCollect({ language, paymentMethod: 'transfer', customer: { email: 'anna@example.com' } }))
  expect(shop.sent().join('\n')).toContain(subject)
})
