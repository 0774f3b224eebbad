// The drawing of a chart: uPlot in the scheme's colours, as wide as its place.
// Not here: loading it (Chart.tsx). The one thing to know: it is drawn anew when scheme, width or series change, and only
// given new points otherwise.
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useLocale } from '../i18n/locale.tsx';

export type Series = {
  label: string;
  tone: 'ink' | 'amber' | 'good' | 'bad' | 'quiet';
  values: (number | null)[];
  fill?: boolean;
};
export type ChartProps = {
  /** what it shows, in words */
  label: string;
  /** ms since 1970, one for each value */
  times: number[];
  series: Series[];
  unit?: string;
  height?: number;
};

/** A table of every point would be no help to anybody. */
const ROWS_MAX = 12;
const FONT = '11px ui-sans-serif, system-ui, sans-serif';

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const toneOf = (tone: Series['tone']): string => colour(`--sb-chart-${tone}`);

export default function ChartCanvas({ label, times, series, unit = '', height = 160 }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { ref, width } = useElementSize();
  const scheme = useComputedColorScheme();
  const { tag } = useLocale();
  const shape = JSON.stringify(series.map(({ label: name, tone, fill }) => [name, tone, fill]));
  const data: uPlot.AlignedData = [times.map((ms) => ms / 1000), ...series.map(({ values }) => values)];
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: series are compared by their shape; points follow below
  useEffect(() => {
    if (!place.current || width === 0) return;
    const line = colour('--sb-line');
    const text = colour('--mantine-color-dimmed');
    const number = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
    const axis = { stroke: text, font: FONT, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    plot.current = new uPlot(
      {
        width,
        height,
        cursor: { points: { size: 6 } },
        legend: { live: true },
        scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.15)] } },
        axes: [axis, { ...axis, size: 46, values: (_, ticks) => ticks.map((tick) => `${number.format(tick)}${unit}`) }],
        series: [
          {},
          ...series.map(({ label: name, tone, fill }) => ({
            label: name,
            stroke: toneOf(tone),
            width: 1.8,
            points: { show: false },
            ...(fill ? { fill: `${toneOf(tone)}2b` } : {}),
            value: (_: uPlot, value: number | null) => (value === null ? '–' : `${number.format(value)}${unit}`),
          })),
        ],
      },
      latest.current,
      place.current,
    );
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [width, height, scheme, tag, shape, unit]);

  useEffect(() => {
    plot.current?.setData(data);
  });

  return (
    <figure ref={ref} aria-label={label} style={{ margin: 0, minHeight: height }}>
      <div ref={place} aria-hidden="true" dir="ltr" />
      <VisuallyHidden>
        <NumbersTable label={label} times={times} series={series} unit={unit} tag={tag} />
      </VisuallyHidden>
    </figure>
  );
}

function NumbersTable({ label, times, series, unit, tag }: ChartProps & { tag: string }) {
  const from = Math.max(0, times.length - ROWS_MAX);
  const clock = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  return (
    <table>
      <caption>{label}</caption>
      <tbody>
        {times.slice(from).map((at, index) => (
          <tr key={at}>
            <th scope="row">{clock.format(at)}</th>
            {series.map((each) => (
              <td key={each.label}>
                {each.label}: {each.values[from + index] ?? '–'}
                {unit}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
