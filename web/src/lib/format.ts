/** Numbers with units and times in words. */

const decimals = (digits: number) =>
  new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
const one = decimals(1);
const two = decimals(2);
const whole = decimals(0);

export const none = '–';

/** Power in kW with one decimal, from W. */
export function power(watts: number | null | undefined): string {
  return watts == null ? none : `${one.format(Math.abs(watts) < 50 ? 0 : watts / 1000)} kW`;
}

/** Energy in kWh with two decimals, from Wh. */
export function energy(wattHours: number | null | undefined): string {
  return wattHours == null ? none : `${two.format(wattHours / 1000)} kWh`;
}

export function count(value: number): string {
  return whole.format(value);
}

/** "1 session", "2 sessions". */
export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`;
}

/** An age or duration in its two largest units at most: "4 s", "12 min", "3 h 05 min", "2 d 4 h". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  const days = Math.floor(hours / 24);
  return `${days} d ${hours % 24} h`;
}

export function ago(seconds: number): string {
  return seconds < 2 ? 'just now' : `${duration(seconds)} ago`;
}

/** Seconds from an RFC 3339 time until `now` (milliseconds since 1970). */
export function secondsSince(time: string | null | undefined, now: number): number | null {
  if (!time) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : Math.max(0, (now - at) / 1000);
}

const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Date and time in the viewer's zone, for hovering. */
export function absolute(time: string | null | undefined): string {
  if (!time) return '';
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : full.format(at);
}

/** Time of day with milliseconds, for message logs. */
export function clock(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const pad = (n: number, width = 2) => String(n).padStart(width, '0');
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

/** A JSON text laid out for reading; text that is not JSON comes back as it is. */
export function pretty(frame: string): string {
  try {
    return JSON.stringify(JSON.parse(frame), null, 2);
  } catch {
    return frame;
  }
}
