/**
 * The variables that templates may use, with their types: the catalogue against which every
 * template is checked, the example for `preview --example`, and the reference page.
 *
 * A view given to a template has exactly this shape; a value may be missing (the message is then
 * held unless the template asks for it in a section). Names follow features.md section 7.
 */
import { shipmentStates } from './incoming.ts'

export type VariableType = 'text' | 'money' | 'decimal' | 'date' | 'instant' | 'flag'

export interface Variable {
  readonly type: VariableType
  readonly about: string
  readonly example: string
}
/** A group with own names, or a list whose items have names of their own. */
export interface VariableGroup {
  readonly about: string
  readonly list?: true
  /** Further names are free: custom fields of the file. */
  readonly open?: true
  readonly variables: Readonly<Record<string, Variable | VariableGroup>>
}

const text = (about: string, example: string): Variable => ({ type: 'text', about, example })
const money = (about: string, example: string): Variable => ({ type: 'money', about, example })
const decimal = (about: string, example: string): Variable => ({ type: 'decimal', about, example })
const date = (about: string, example: string): Variable => ({ type: 'date', about, example })
const instant = (about: string, example: string): Variable => ({ type: 'instant', about, example })
const flag = (about: string): Variable => ({ type: 'flag', about, example: 'false' })

const address: VariableGroup = {
  about: 'Address',
  variables: {
    name: text('Name', 'Anna Kovács'),
    street: text('Street and number', 'Fő utca 12.'),
    street2: text('Second line', '2/4'),
    postCode: text('Post code', '1011'),
    city: text('City', 'Budapest'),
    county: text('County or state', 'Pest'),
    country: text('ISO 3166-1 code', 'HU'),
  },
}

const store: VariableGroup = {
  about: 'The collecting store',
  variables: {
    code: text('Code', 'BUD01'),
    name: text('Name', 'Example Budapest'),
    email: text('Mail address', 'budapest@example.com'),
    phone: text('Phone', '+36 1 234 5678'),
    url: text('Page', 'https://shop.example.com/stores/bud01'),
    mapUrl: text('Map, with links.map and the place of the store', 'https://maps.example.com/?at=47.4979,19.0402'),
    fax: text('Fax', '+36 1 234 5679'),
    salesperson: text('Salesperson', 'SP01'),
    hoursToday: text('Opening hours of the day of the message', '09:00-18:00'),
    address,
  },
}

export const variables: VariableGroup = {
  about: 'All',
  variables: {
    now: instant('Time of the message', '2026-03-14T10:30:00Z'),
    company: {
      about: 'The own company',
      variables: {
        code: text('Code', 'HU01'),
        name: text('Name', 'Example Retail Kft.'),
        email: text('Mail address', 'shop@example.com'),
        phone: text('Phone', '+36 1 234 5678'),
      },
    },
    order: {
      about: 'The order',
      variables: {
        number: text('Number', '100245'),
        externalNumber: text('Number at the source', 'WEB-100245'),
        reference: text('Payment reference', '100245'),
        date: date('Order date', '2026-03-14'),
        dueDate: date('Due date', '2026-03-28'),
        currency: text('Currency', 'HUF'),
        net: money('Total without VAT', '19677.17 HUF'),
        vat: money('VAT', '5312.83 HUF'),
        gross: money('Total to pay', '24990 HUF'),
        discount: money('Discount', '1000 HUF'),
        shipping: money('Shipping', '990 HUF'),
        prepaid: money('Paid before', '0 HUF'),
        paid: money('Paid so far, with what was paid before', '0 HUF'),
        remaining: money('Still to pay', '24990 HUF'),
        status: text('Status', 'received'),
        paymentStatus: text('Payment status', 'unpaid'),
        isPaid: flag('Nothing remains to pay'),
        paymentMethod: text('Payment method', 'transfer'),
        deliveryMethod: text('Delivery method', 'collect'),
        statusName: text('Status, as words.status calls it', 'received'),
        paymentMethodName: text('Payment method, as words.payment calls it', 'Bank transfer'),
        deliveryMethodName: text('Delivery method, as words.delivery calls it', 'Pick up at the store'),
        note: text('Note', 'Please ring twice'),
        publicUrl: text('Page of the order', 'https://shop.example.com/orders/100245'),
        lineCount: decimal('Number of lines', '2'),
        fields: { about: 'Own fields of the import', open: true, variables: {} },
        shipTo: address,
        lines: {
          about: 'Order lines',
          list: true,
          variables: {
            number: text('Line number', '1'),
            sku: text('Item number', 'SKU-1001'),
            variant: text('Variant', 'blue / M'),
            ean: text('EAN', '4012345678901'),
            description: text('Description', 'Cotton shirt'),
            quantity: decimal('Quantity', '2'),
            unit: text('Unit', 'pcs'),
            unitPrice: money('Price of one', '12000 HUF'),
            vatPercent: decimal('VAT rate', '27'),
            discount: money('Discount', '0 HUF'),
            net: money('Amount without VAT', '18897.64 HUF'),
            gross: money('Amount', '24000 HUF'),
            delivered: decimal('Handed over so far, at a collecting store', '1'),
            returned: decimal('Brought back so far', '1'),
            open: decimal('Still to be handed over', '1'),
          },
        },
      },
    },
    customer: {
      about: 'The customer of the order',
      variables: {
        number: text('Customer number', 'C1001'),
        name: text('Name', 'Anna Kovács'),
        contact: text('Contact', 'Anna Kovács'),
        email: text('Mail address', 'anna@example.com'),
        phone: text('Phone', '+36301234567'),
        address,
      },
    },
    store,
    fromStore: { ...store, about: 'The store that sent the order' },
    collect: {
      about: 'The order at the collecting store',
      variables: {
        processing: text('pending, confirmed, rejected or expired', 'confirmed'),
        delivery: text('ready, delivered or expired', 'ready'),
        answerBy: instant('When the store must have answered', '2026-03-14T16:00:00Z'),
        collectBy: instant('When the goods must have been collected', '2026-03-19T17:00:00Z'),
        reason: text('Reason given by the store', 'Out of stock'),
        documentNumber: text('Number of the delivery document', 'S-2231'),
        remaining: money('To pay at the store', '24990 HUF'),
      },
    },
    payment: {
      about: 'The payment that was matched last',
      variables: {
        amount: money('Amount', '24990 HUF'),
        date: date('Booking date', '2026-03-15'),
        method: text('Method', 'transfer'),
        reference: text('Reference', '100245'),
        payer: text('Who paid', 'Anna Kovács'),
      },
    },
    invoice: {
      about: 'The document that the ERP has issued, in messages on document.issued',
      variables: {
        number: text('Number', 'INV-2026-0815'),
        type: text('Type', 'invoice'),
        total: money('Total', '24990 HUF'),
        date: date('Day of issue', '2026-03-15'),
        dueDate: date('Due date', '2026-03-29'),
        reference: text('Payment reference on the document', '100245'),
      },
    },
    shipment: {
      about: 'The parcel, in messages on shipment.STATE and on a status that came of one',
      variables: {
        state: text(shipmentStates.join(', '), 'readyForPickup'),
        carrier: text('Carrier', 'Example Parcel'),
        trackingNumber: text('Tracking number', 'EX123456789HU'),
        trackingUrl: text('Page of the parcel', 'https://parcel.example.com/EX123456789HU'),
        reason: text('Why it was returned or not handed over', 'nobody at home'),
      },
    },
    alarm: {
      about: 'What needs a person (alarm templates only)',
      variables: {
        title: text('What is wrong, in a few words', 'A file was rejected'),
        what: text('What happened', 'ORD-12.csv was rejected: 3 problems'),
        where: text('Where', 'import shop-orders'),
        details: text('More', 'line 14, column 3: quantity "x" is no number'),
        next: text('What to do', 'See ORD-12.csv.problems.txt beside the file.'),
      },
    },
  },
}
