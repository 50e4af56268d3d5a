/** The power of a session over time, from its meter values. */
import type { MeterValue } from './types';

export interface Point {
  /** Milliseconds since 1970. */
  at: number;
  watts: number;
}

const measurand = 'Power.Active.Import';

/** One point per instant: the total where the station gives one, else the sum of its phases. */
export function powerPoints(values: MeterValue[]): Point[] {
  const totals = new Map<number, number>();
  const phases = new Map<number, number>();
  for (const value of values) {
    if (value.measurand !== measurand || value.value == null) continue;
    const at = Date.parse(value.timestamp);
    if (value.phase) phases.set(at, (phases.get(at) ?? 0) + value.value);
    else totals.set(at, value.value);
  }
  const chosen = totals.size ? totals : phases;
  return [...chosen].map(([at, watts]) => ({ at, watts })).sort((a, b) => a.at - b.at);
}

/** The stored points, then those measured after them. */
export function joined(stored: Point[], measured: Point[]): Point[] {
  const end = stored.at(-1)?.at ?? -Infinity;
  return [...stored, ...measured.filter((point) => point.at > end)];
}

/** Add what is measured now, at most one point per `everyMs`. */
export function extend(points: Point[], now: Point, everyMs: number): Point[] {
  const last = points.at(-1);
  if (!last || now.at - last.at >= everyMs) return [...points, now];
  return points;
}

/** A round figure at or above a power, for the top of the axis. */
export function ceiling(watts: number): number {
  const kilowatts = Math.max(watts / 1000, 1);
  const step = 10 ** Math.floor(Math.log10(kilowatts));
  const rounded = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * step >= kilowatts) ?? 10;
  return rounded * step * 1000;
}

export interface Shape {
  line: string;
  area: string;
}

/** The points as SVG paths in a box of `width` x `height`, from `from` to `to` in time. */
export function shape(points: Point[], box: { width: number; height: number; from: number; to: number; top: number }): Shape {
  const span = Math.max(1, box.to - box.from);
  const x = (at: number) => (((at - box.from) / span) * box.width).toFixed(1);
  const y = (watts: number) => (box.height - (Math.max(0, watts) / box.top) * box.height).toFixed(1);
  const path = points.map((point) => `${x(point.at)} ${y(point.watts)}`).join('L');
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return { line: '', area: '' };
  return {
    line: `M${path}`,
    area: `M${x(first.at)} ${box.height}L${path}L${x(last.at)} ${box.height}Z`,
  };
}
