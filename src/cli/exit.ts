// How the command ends: its exit codes and the error that carries one with a sentence.
// Not here: printing (output.ts).
// The one thing to know: docs/operations.md lists these codes; scripts rely on them.

export const EXIT = {
  ok: 0,
  /** it was tried and did not work; doctor: a check failed */
  failed: 1,
  /** the command line is wrong (EX_USAGE) */
  usage: 64,
  /** no running Signalbox to talk to (EX_UNAVAILABLE) */
  unavailable: 69,
  /** the settings are wrong (EX_CONFIG) */
  settings: 78,
} as const;

/** An expected end: shown as its sentence alone, without a stack. */
export class Stop extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
