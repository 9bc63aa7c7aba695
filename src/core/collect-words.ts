/**
 * The words in which one Orderly tells another what becomes of an order at a store (N34).
 *
 * They are written by exports of kind `collectStatus` and read by imports of that kind. Plain data.
 */
/** What the Orderly of a collecting company tells of an order there, change by change (N34). */
export const collectWords = [
  'pending',
  'confirmed',
  'rejected',
  'expired',
  'partlyDelivered',
  'delivered',
  'deliveryExpired',
  'returned',
] as const
export type CollectWord = (typeof collectWords)[number]
