// Something that is there when it is asked for: a line to press, and below it what it stands for.
// The one thing to know: what is folded is not drawn, so that long things (raw JSON) cost nothing until they are read.
import { type ReactNode, useState } from 'react';

type Props = { label: ReactNode; className?: string | undefined; children: () => ReactNode };

export function Folded({ label, className, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details className={className} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {open ? children() : null}
    </details>
  );
}
