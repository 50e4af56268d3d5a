/** Cards (ID tokens) as far as starting a session needs them. */
import { ApiError, get, put } from './api';

/** Whether the server knows a card. Where it cannot be asked, the start itself will tell. */
export async function isKnownCard(card: string): Promise<boolean> {
  try {
    await get(pathOf(card));
    return true;
  } catch (failure) {
    return !(failure instanceof ApiError && failure.status === 404);
  }
}

/** Let a card charge from now on. */
export async function addCard(card: string): Promise<void> {
  await put(pathOf(card), { status: 'accepted' });
}

function pathOf(card: string): string {
  return `/tokens/${encodeURIComponent(card)}`;
}
