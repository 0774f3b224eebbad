// Holds the order of the settings' places, that mistakes are told all at once, and that secrets stay unseen.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFINITIONS, NAMES } from './definitions.ts';
import { readSettings, type SettingsInput } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (input: Partial<SettingsInput>) => readSettings({ mode: 'start', flags: {}, env: {}, folder, ...input });
function problems(input: Partial<SettingsInput>): string[] {
  const result = read(input);
  return result.ok ? [] : result.problems;
}
function settings(input: Partial<SettingsInput>) {
  const result = read(input);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result;
}
const yaml = (text: string) => writeFileSync(join(folder, 'signalbox.yaml'), text);

describe('settings', () => {
  it('have defaults, and `dev` listens on loopback and may reach it', () => {
    const start = settings({}).settings;
    expect(start).toMatchObject({ port: 7070, host: '0.0.0.0', data: './data', publicUrl: null, retentionDays: 365 });
    expect(start.allowPrivate.entries).toHaveLength(0);
    const dev = settings({ mode: 'dev' }).settings;
    expect(dev.host).toBe('127.0.0.1');
    expect(dev.allowPrivate.entries.length).toBeGreaterThan(0);
  });

  it('come from flags, then the environment, then the file, and say so', () => {
    yaml('port: 1001\nhost: 10.0.0.1\ndata: /from-file\n');
    const { settings: values, explained } = settings({
      flags: { port: '1003' },
      env: { SIGNALBOX_PORT: '1002', SIGNALBOX_HOST: '10.0.0.2' },
    });
    expect(values).toMatchObject({ port: 1003, host: '10.0.0.2', data: '/from-file' });
    const sources = Object.fromEntries(explained.map((line) => [line.name, line.source]));
    expect(sources).toMatchObject({
      port: 'flag --port',
      host: 'environment SIGNALBOX_HOST',
      data: 'file signalbox.yaml',
      log_level: 'default',
    });
  });

  it('count an empty variable as not set', () => {
    expect(settings({ env: { SIGNALBOX_PORT: '', SIGNALBOX_PUBLIC_URL: '' } }).settings.port).toBe(7070);
  });

  it('tell every mistake at once, with its place', () => {
    yaml('retention_days: soon\nprot: 7\n');
    const found = problems({
      flags: { port: '99999' },
      env: {
        SIGNALBOX_PUBLIC_URL: 'ftp://x',
        SIGNALBOX_ALLOW_PRIVATE: '10.0.0.0/8,nonsense/33',
        SIGNALBOX_API_KEY: 'x',
      },
    }).join('\n');
    expect(found).toMatch(/--port: "99999" must be from 0 to 65535/);
    expect(found).toMatch(/SIGNALBOX_PUBLIC_URL: "ftp:\/\/x"/);
    expect(found).toMatch(/SIGNALBOX_ALLOW_PRIVATE: .*nonsense/);
    expect(found).toMatch(/SIGNALBOX_API_KEY: is too short/);
    expect(found).toMatch(/retention_days in signalbox.yaml: "soon"/);
    expect(found).toMatch(/signalbox.yaml: prot is no setting/);
  });

  it('take the URL of a PostgreSQL, and never show it', () => {
    const url = 'postgres://signalbox:secret@db.example.com/signalbox';
    const read = settings({ env: { SIGNALBOX_DATABASE_URL: url } });
    expect(read.settings.databaseUrl).toBe(url);
    expect(JSON.stringify(read.explained)).not.toContain('secret@');
    const found = problems({ env: { SIGNALBOX_DATABASE_URL: 'mysql://root:secret@db/x' } });
    expect(found).toEqual([expect.stringMatching(/^SIGNALBOX_DATABASE_URL: must look like postgres:/)]);
    expect(found.join()).not.toContain('root:secret');
  });

  it('refuse example secrets in `start`, and never show a secret', () => {
    const secret = 'changeme-changeme-1';
    expect(problems({ env: { SIGNALBOX_API_KEY: secret } })).toEqual([expect.stringMatching(/looks like an example/)]);
    expect(problems({ env: { SIGNALBOX_MASTER_KEY: 'A'.repeat(43) } })).toEqual([
      expect.stringMatching(/is not random/),
    ]);
    const weak = problems({ env: { SIGNALBOX_API_KEY: secret, SIGNALBOX_MASTER_KEY: 'not-a-key' } }).join('\n');
    expect(weak).not.toMatch(/changeme|not-a-key/);
    const { explained } = settings({ env: { SIGNALBOX_API_KEY: 'k8Fh2sPq0ZtYw7Lx' } });
    expect(explained.find((line) => line.name === 'api_key')?.value).toBe('(set, not shown)');
  });

  it('read secrets from files, and refuse a variable beside its file', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'k8Fh2sPq0ZtYw7Lx\n');
    expect(settings({ env: { SIGNALBOX_API_KEY_FILE: path } }).settings.apiKey).toBe('k8Fh2sPq0ZtYw7Lx');
    const both = { SIGNALBOX_API_KEY_FILE: path, SIGNALBOX_API_KEY: 'k8Fh2sPq0ZtYw7Lx' };
    expect(problems({ env: both })).toEqual([expect.stringMatching(/both set/)]);
    expect(problems({ env: { SIGNALBOX_API_KEY_FILE: join(folder, 'none') } })).toEqual([
      expect.stringMatching(/does not exist/),
    ]);
  });

  it('refuse a file that was asked for and is not there, and one that is not a list of settings', () => {
    expect(problems({ flags: { config: 'other.yaml' } })).toEqual(['other.yaml: does not exist']);
    yaml('- a\n- b\n');
    expect(problems({})).toEqual([expect.stringMatching(/must be a list/)]);
    yaml('port: [1\n');
    expect(problems({})).toEqual([expect.stringMatching(/is not YAML/)]);
  });

  it('warn of variables that are no settings, but not of Kubernetes service links', () => {
    const env = {
      SIGNALBOX_PROT: '1',
      SIGNALBOX_SERVICE_HOST: '10.0.0.1',
      SIGNALBOX_PORT_7070_TCP: 'tcp://10.0.0.1:7070',
    };
    expect(settings({ env }).warnings).toEqual([expect.stringMatching(/^SIGNALBOX_PROT is set/)]);
    expect(problems({ env: { SIGNALBOX_PORT: 'tcp://10.0.0.1:7070' } })).toEqual([expect.stringMatching(/Kubernetes/)]);
  });

  it('stand in docs/operations.md, each with its default', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    for (const name of NAMES) {
      const { env, key, fallbackNote, meaning } = DEFINITIONS[name];
      expect(page).toContain(`| \`${env}\` | \`${key}\` | ${fallbackNote} | ${meaning} |`);
    }
  });
});
