/**
 * x
 * y
 */
import type { Story } from './story-kit.ts'
export const clockJumps: readonly Story[] = []
