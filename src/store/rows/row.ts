// A row as a driver gives it: columns by name. Types only.
// The one thing to know: both stores name their columns alike and keep documents as JSON text, so that one reader fits.

export type Row = Readonly<Record<string, unknown>>;
