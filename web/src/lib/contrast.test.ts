import { expect, it } from 'vitest';
import css from '../tokens.css?raw';

type Theme = 0 | 1;

const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((m) => [m[1], [m[2], m[3]] as const]),
);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string, theme: Theme): number {
  const [a, b] = [one, other].map((name) => luminance(colours.get(name)?.[theme] ?? ''));
  if (a === undefined || b === undefined) return 0;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const grounds = ['ground', 'surface', 'raised', 'hover', 'selected'];
const inks = ['text', 'text-soft', 'text-faint', 'accent', 'green', 'blue', 'amber', 'violet', 'red', 'grey'];
const pairs = [
  ...grounds.flatMap((ground) => inks.map((ink) => [ink, ground] as const)),
  ...['text', 'text-soft', 'text-faint', 'amber'].map((ink) => [ink, 'amber-wash'] as const),
  ...['text', 'red'].map((ink) => [ink, 'red-wash'] as const),
  ...['text', 'text-soft'].map((ink) => [ink, 'accent-wash'] as const),
  ['accent-text', 'accent'] as const,
  ['accent-text', 'accent-strong'] as const,
];

it.each(pairs)('%s on %s can be read in both themes (WCAG AA)', (ink, ground) => {
  expect(contrast(ink, ground, 0)).toBeGreaterThanOrEqual(4.5);
  expect(contrast(ink, ground, 1)).toBeGreaterThanOrEqual(4.5);
});
