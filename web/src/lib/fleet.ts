/** Filtering, sorting and counting of the fleet; pure, so that it can be tested. */
import { groupOf, groups, urgencyOf, type Group } from './status';
import type { Station, Transaction } from './types';

export type SortBy = 'name' | 'status' | 'power' | 'seen';
export const sortings: SortBy[] = ['name', 'status', 'power', 'seen'];

export interface View {
  text: string;
  group: string;
  sort: SortBy;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function nameOf(station: Station): string {
  return station.name || station.station_id;
}

/** The stations of a view: those whose texts hold every word, of one group, in order. */
export function select(stations: Station[], view: View): Station[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = stations.filter(
    (station) => (!view.group || groupOf(station) === view.group) && words.every((word) => textOf(station).includes(word)),
  );
  return shown.sort((a, b) => compare(a, b, view.sort));
}

function textOf(s: Station): string {
  const parts = [s.station_id, s.name, s.site, s.vendor, s.model, s.serial_number, s.ocpp_version];
  return parts.filter(Boolean).join(' ').toLowerCase();
}

function compare(a: Station, b: Station, sort: SortBy): number {
  const byName = collator.compare(nameOf(a), nameOf(b));
  if (sort === 'status') return urgencyOf(a) - urgencyOf(b) || byName;
  if (sort === 'power') return (b.power_w ?? 0) - (a.power_w ?? 0) || byName;
  if (sort === 'seen') return (a.last_seen_at ?? '').localeCompare(b.last_seen_at ?? '') || byName;
  return byName;
}

export function countGroups(stations: Station[]): Record<Group, number> {
  const counts = Object.fromEntries(groups.map((group) => [group, 0])) as Record<Group, number>;
  for (const station of stations) counts[groupOf(station)] += 1;
  return counts;
}

export function isWaiting(station: Station): boolean {
  return station.registration === 'pending';
}

export interface SessionLists {
  active: Transaction[];
  ended: Transaction[];
}

/** Sessions for the page: running ones by start, ended ones by end, newest first. */
export function splitSessions(transactions: Transaction[], text: string): SessionLists {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = transactions.filter((t) => {
    const hay = [t.station_id, t.id_token, t.id, t.transaction_id].filter(Boolean).join(' ').toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const newest = (a: string | null | undefined, b: string | null | undefined) => (b ?? '').localeCompare(a ?? '');
  return {
    active: shown.filter((t) => t.active).sort((a, b) => newest(a.started_at, b.started_at)),
    ended: shown.filter((t) => !t.active).sort((a, b) => newest(a.stopped_at, b.stopped_at)),
  };
}

export function sum(values: (number | null | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
