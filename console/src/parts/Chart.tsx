// A chart over time, drawn by uPlot, which is loaded when the first chart comes into being.
// Not here: where numbers come from. The one thing to know: below every chart the same numbers stand as a table for those
// who do not see it.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ChartProps } from './ChartCanvas.tsx';

const Canvas = lazy(() => import('./ChartCanvas.tsx'));

export type { ChartProps };

export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<Skeleton height={props.height ?? 160} />}>
      <Canvas {...props} />
    </Suspense>
  );
}
