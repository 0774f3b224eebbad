// The program's version, as package.json has it; the build puts it into the bundle.
// The one thing to know: there is no second place to write it.
import about from '../../package.json' with { type: 'json' };

export const VERSION: string = about.version;
