// stub
// stub
import type { Goal } from './goals.ts';
export async function growth(_messages: number): Promise<Goal[]> {
  return [];
}
