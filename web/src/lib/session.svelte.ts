/** Who is signed in on this device. */
import type { SignedIn, User } from './types';

const key = 'voltherd.session';

class Session {
  token = $state.raw<string | null>(null);
  user = $state.raw<User | null>(null);
  /** Why the sign-in page is shown, when it was not asked for. */
  reason = $state.raw<'expired' | null>(null);

  constructor() {
    const kept = read();
    if (kept) this.#set(kept);
  }

  start(signedIn: SignedIn): void {
    this.#set(signedIn);
    this.reason = null;
    localStorage.setItem(key, JSON.stringify(signedIn));
  }

  end(reason: 'expired' | null = null): void {
    this.token = null;
    this.user = null;
    this.reason = reason;
    localStorage.removeItem(key);
  }

  #set(signedIn: SignedIn): void {
    this.token = signedIn.token;
    this.user = signedIn.user;
  }
}

function read(): SignedIn | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as SignedIn | null;
    const over = kept?.expires_at && Date.parse(kept.expires_at) < Date.now();
    return kept?.token && !over ? kept : null;
  } catch {
    return null;
  }
}

export const session = new Session();
