/** The message log of one station, newest first. */
import type { LoggedMessage } from './types';

/** Both lists in one, each message once, newest first. */
export function merge(known: LoggedMessage[], news: LoggedMessage[]): LoggedMessage[] {
  const byId = new Map<string, LoggedMessage>();
  for (const message of [...known, ...news]) byId.set(String(message.id), message);
  if (byId.size === known.length) return known;
  return [...byId.values()].sort(newestFirst);
}

function newestFirst(a: LoggedMessage, b: LoggedMessage): number {
  if (typeof a.id === 'number' && typeof b.id === 'number') return b.id - a.id;
  return b.at.localeCompare(a.at) || String(b.id).localeCompare(String(a.id), undefined, { numeric: true });
}

/** Answers carry no action on the wire; they get that of the call they answer. */
export function withActions(messages: LoggedMessage[]): LoggedMessage[] {
  const calls = new Map<string, string>();
  for (const message of messages) if (message.action) calls.set(message.message_id, message.action);
  return messages.map((message) =>
    message.action ? message : { ...message, action: calls.get(message.message_id) ?? null },
  );
}

export function actionsOf(messages: LoggedMessage[], chosen: string): string[] {
  const names = new Set(messages.flatMap((message) => message.action ?? []));
  if (chosen) names.add(chosen);
  return [...names].sort();
}

const kinds: Record<string, string> = { call: 'call', result: 'answer', error: 'error', send: 'send' };

export function kindWord(type: string): string {
  return kinds[type] ?? type;
}

/** The part of a frame that tells most, in one line: the payload without the envelope. */
export function payloadOf(frame: string): string {
  try {
    const parts: unknown = JSON.parse(frame);
    if (!Array.isArray(parts)) return frame;
    if (parts[0] === 4 || parts[0] === 5) return `${String(parts[2])}: ${String(parts[3])}`;
    return JSON.stringify(parts.at(-1));
  } catch {
    return frame;
  }
}
