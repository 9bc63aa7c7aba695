/**
 * Counts how often each key was seen, in 12 bytes a key instead of a string each.
 *
 * For files of any size: a million order numbers take about 24 MB. Keys are compared by a
 * 64-bit hash, so two different keys out of a million are confused with a chance of about 3 in
 * 100 million. Holds no text, so it keeps no part of the file in memory. Throws nothing.
 */
export class SeenKeys {
  #low = new Uint32Array(1024)
  #high = new Uint32Array(1024)
  #count = new Uint32Array(1024)
  #used = 0

  /** Notes the key; returns how often it was seen before. */
  add(key: string): number {
    if (this.#used * 2 >= this.#count.length) this.#grow()
    let low = 0x811c9dc5
    let high = 0x9747b28c
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i)
      low = Math.imul(low ^ code, 0x01000193)
      high = Math.imul(high ^ code, 0x5bd1e995)
      high ^= high >>> 15
    }
    low = scramble(low ^ key.length)
    const slot = this.#find(low, scramble(high))
    const before = this.#count[slot] ?? 0
    this.#count[slot] = before + 1
    if (before === 0) this.#used += 1
    return before
  }

  #find(low: number, high: number): number {
    const mask = this.#count.length - 1
    let slot = low & mask
    while (this.#count[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & mask
    this.#low[slot] = low
    this.#high[slot] = high
    return slot
  }

  #grow(): void {
    const [low, high, count] = [this.#low, this.#high, this.#count]
    this.#low = new Uint32Array(count.length * 2)
    this.#high = new Uint32Array(count.length * 2)
    this.#count = new Uint32Array(count.length * 2)
    for (let i = 0; i < count.length; i++) {
      if (count[i] === 0) continue
      this.#count[this.#find(low[i] ?? 0, high[i] ?? 0)] = count[i] ?? 0
    }
  }
}

/** Finaliser of MurmurHash3 (public domain): spreads each bit over all 32. */
function scramble(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
