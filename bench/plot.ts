import type { Growth, Row } from './scenario.ts';

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 70;
const BOTTOM = 50;
const TOP = 40;
const RIGHT = 130;
const COLOURS = ['#d62728', '#1f77b4', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b'];

/** An SVG of one figure against the size of the task, a line for each target; both axes from 0. */
export function plotOf(
  title: string,
  size: Growth['size'],
  figure: string,
  rows: readonly Row[],
): string {
  const points = rows.flatMap(({ target, size: x, figures }) => {
    const y = figures[figure];
    return x === undefined || y === undefined ? [] : [{ target, x, y }];
  });
  const most = {
    x: Math.max(1, ...points.map(({ x }) => x)),
    y: Math.max(1e-9, ...points.map(({ y }) => y)),
  };
  const at = (x: number, y: number): { readonly x: number; readonly y: number } => ({
    x: LEFT + (x / most.x) * (WIDTH - LEFT - RIGHT),
    y: HEIGHT - BOTTOM - (y / most.y) * (HEIGHT - BOTTOM - TOP),
  });
  const targets = [...new Set(points.map(({ target }) => target))];
  const lines = targets.map((target, index) => {
    const own = points.filter((point) => point.target === target).sort((a, b) => a.x - b.x);
    const places = own.map(({ x, y }) => at(x, y));
    return lineOf(target, places, COLOURS[index % COLOURS.length] ?? 'black');
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const [x, y] = [part * most.x, part * most.y];
    const below = text(at(x, 0).x, HEIGHT - BOTTOM + 18, 'middle', label(x));
    return below + text(LEFT - 8, at(0, y).y + 4, 'end', label(y));
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 22, 'middle', `${title}: ${figure}`),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="black"/>`,
    ...ticks,
    text((WIDTH + LEFT - RIGHT) / 2, HEIGHT - 12, 'middle', size),
    ...lines,
    '</svg>\n',
  ].join('\n');
}

type Place = { readonly x: number; readonly y: number };

function lineOf(target: string, places: readonly Place[], colour: string): string {
  const path = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const dots = places.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  const end = places.at(-1) ?? { x: 0, y: 0 };
  const name = text(end.x + 8, end.y + 4, 'start', target);
  return `<polyline points="${path}" fill="none" stroke="${colour}"/>${dots.join('')}${name}`;
}

const text = (x: number, y: number, anchor: string, content: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;

const label = (value: number): string => String(Number(value.toPrecision(3)));
