/**
 * x
 * y
 */
import type { Story } from './story-kit.ts'
export const shares: readonly Story[] = []
