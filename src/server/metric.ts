import type { MetricFamily, MetricSample } from './view.ts';

export const gauge = (
  name: string,
  help: string,
  samples: Iterable<MetricSample>,
): MetricFamily => ({ name, type: 'gauge', help, samples });

export const counter = (
  name: string,
  help: string,
  samples: Iterable<MetricSample>,
): MetricFamily => ({ name, type: 'counter', help, samples });
