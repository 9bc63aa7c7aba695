/**
 * UBL 2.x Order (OASIS UBL 2.0 to 2.4, PEPPOL BIS Ordering 3) to one record.
 *
 * The root must be Order in the UBL namespace, whatever the prefixes. Changes, responses,
 * cancellations, copies and order types other than 220 are refused: not a new order. Currency
 * falls back to `@currencyID` (UBL 2.0). Prices are per base quantity; amounts are taken as they
 * stand and checked by the interpreter. Throws ReadFailure (within the room).
 */
import type { ImportFormat, ImportKind } from '../config/schema.ts'
import type { RawFields } from '../core/incoming.ts'
import { compareDecimals, divideDecimals, isDecimal } from '../core/money.ts'
import type { Problem } from '../core/problem.ts'
import { dataProblem, failure, quoted } from './data-problem.ts'
import { readProblem, record } from './machine.ts'
import type { Machine, ReadItem } from './machine.ts'
import { overlayOf } from './overlay.ts'
import { all, attributeOf, childrenOf, first, textAt, XmlReader } from './xml-tree.ts'
import type { XmlElement, XmlHandler } from './xml-tree.ts'
import { xmlDriver } from './xml.ts'

type UblFormat = Extract<ImportFormat, { type: 'ubl' }>

const namespaceBase = 'urn:oasis:names:specification:ubl:schema:xsd:'

export function ublMachine(format: UblFormat, kind: ImportKind): Machine {
  const overlay = overlayOf(format, kind, 'OrderLine/LineItem')
  const ready: ReadItem[] = []
  const handler: XmlHandler = {
    root: checkRoot,
    open: (path) => path.length === 1,
    tree(order) {
      const problem = notNew(order)
      ready.push(problem ? readProblem(1, [problem]) : record(1, order.line, overlay(orderFields(order), order)))
    },
    close: () => undefined,
  }
  return xmlDriver(new XmlReader(handler), ready, () => undefined)
}

function checkRoot(name: string, namespace: string | undefined, line: number): void {
  const ubl = namespace?.startsWith(namespaceBase) ?? false
  if (name === 'Order' && namespace === `${namespaceBase}Order-2`) return
  const details = { place: { line }, found: `${quoted(name)} in ${quoted(namespace ?? 'no namespace')}` }
  throw failure(ubl && name !== 'Order' ? 'D023' : 'D022', {
    ...details,
    expected: `Order in "${namespaceBase}Order-2"`,
  })
}

/** UN/CEFACT 1001: 220 is an order; 221, 224, 227 … are blanket, rush, consignment orders. */
function notNew(order: XmlElement): Problem | undefined {
  const type = textAt(order, 'OrderTypeCode')
  const place = { line: order.line }
  if (type !== undefined && type !== '220') {
    return dataProblem('D023', { place, found: `OrderTypeCode ${quoted(type)}`, expected: '220 or none' })
  }
  if (textAt(order, 'CopyIndicator') === 'true') return dataProblem('D023', { place, found: 'CopyIndicator true' })
  return undefined
}

function orderFields(order: XmlElement): RawFields {
  const total = first(order, 'AnticipatedMonetaryTotal')
  const notes = all(order, 'Note').map((note) => note.text.trim())
  return {
    number: textAt(order, 'ID'),
    date: textAt(order, 'IssueDate'),
    currency: textAt(order, 'DocumentCurrencyCode') ?? currencyOf(order),
    pricesIncludeVat: 'false',
    net: textAt(total, 'TaxExclusiveAmount') ?? textAt(total, 'LineExtensionAmount'),
    vat: textAt(order, 'TaxTotal', 'TaxAmount'),
    gross: textAt(total, 'PayableAmount') ?? textAt(total, 'TaxInclusiveAmount'),
    discount: textAt(total, 'AllowanceTotalAmount'),
    shipping: textAt(total, 'ChargeTotalAmount'),
    prepaid: textAt(total, 'PrepaidAmount'),
    note: notes.length === 0 ? undefined : notes.join('\n'),
    customer: customerFields(first(order, 'BuyerCustomerParty')),
    shipTo: shipToFields(first(order, 'Delivery')),
    lines: all(order, 'OrderLine', 'LineItem').map(lineFields),
  }
}

/** UBL 2.0 has no currency of the document: that of its first amount. */
function currencyOf(order: XmlElement): string | undefined {
  const total = first(order, 'AnticipatedMonetaryTotal')
  const amounts = [...childrenOf(total), ...all(order, 'OrderLine', 'LineItem', 'LineExtensionAmount')]
  const prices = all(order, 'OrderLine', 'LineItem', 'Price', 'PriceAmount')
  return [...amounts, ...prices].map((amount) => attributeOf(amount, 'currencyID')).find(Boolean)
}

function customerFields(buyer: XmlElement | undefined): RawFields | undefined {
  const party = first(buyer, 'Party')
  if (!party) return undefined
  const contact = first(party, 'Contact')
  return {
    number:
      textAt(buyer, 'SupplierAssignedAccountID') ??
      textAt(party, 'PartyIdentification', 'ID') ??
      textAt(party, 'EndpointID') ??
      textAt(party, 'PartyLegalEntity', 'CompanyID'),
    name: textAt(party, 'PartyName', 'Name') ?? textAt(party, 'PartyLegalEntity', 'RegistrationName'),
    contact: textAt(contact, 'Name'),
    email: textAt(contact, 'ElectronicMail'),
    phone: textAt(contact, 'Telephone'),
    vatId: textAt(party, 'PartyTaxScheme', 'CompanyID'),
    companyId: textAt(party, 'PartyLegalEntity', 'CompanyID'),
    address: addressFields(first(party, 'PostalAddress')),
  }
}

function shipToFields(delivery: XmlElement | undefined): RawFields | undefined {
  const address = addressFields(first(delivery, 'DeliveryLocation', 'Address') ?? first(delivery, 'DeliveryAddress'))
  const name = textAt(delivery, 'DeliveryParty', 'PartyName', 'Name')
  return address || name ? { name, ...address } : undefined
}

function addressFields(address: XmlElement | undefined): RawFields | undefined {
  if (!address) return undefined
  const street = [textAt(address, 'StreetName'), textAt(address, 'BuildingNumber')].filter((part) => part !== undefined)
  return {
    street: street.length === 0 ? textAt(address, 'AddressLine', 'Line') : street.join(' '),
    street2: textAt(address, 'AdditionalStreetName'),
    postCode: textAt(address, 'PostalZone'),
    city: textAt(address, 'CityName'),
    county: textAt(address, 'CountrySubentity'),
    country: textAt(address, 'Country', 'IdentificationCode'),
  }
}

function lineFields(line: XmlElement): RawFields {
  const item = first(line, 'Item')
  const buyers = textAt(item, 'BuyersItemIdentification', 'ID')
  return {
    number: textAt(line, 'ID'),
    sku: textAt(item, 'SellersItemIdentification', 'ID') ?? buyers,
    ean: textAt(item, 'StandardItemIdentification', 'ID'),
    description: textAt(item, 'Name') ?? textAt(item, 'Description'),
    unit: attributeOf(first(line, 'Quantity'), 'unitCode'),
    quantity: textAt(line, 'Quantity'),
    unitPrice: priceOfOne(first(line, 'Price')),
    vatPercent: textAt(item, 'ClassifiedTaxCategory', 'Percent'),
    net: textAt(line, 'LineExtensionAmount'),
    vat: textAt(line, 'TotalTaxAmount'),
    fields: buyers === undefined ? undefined : { buyersItem: buyers },
  }
}

/** PriceAmount is for BaseQuantity (1 when absent). */
function priceOfOne(price: XmlElement | undefined): string | undefined {
  const amount = textAt(price, 'PriceAmount')
  const base = textAt(price, 'BaseQuantity')
  if (amount === undefined || base === undefined || !isDecimal(amount) || !isDecimal(base)) return amount
  return compareDecimals(base, '0') === 0 ? amount : divideDecimals(amount, base)
}
