// Holds that every secret of a document is found in its place and sealed anew, and that nothing else changes.
import { describe, expect, it } from 'vitest';
import { freshKey } from '../settings/master-key.ts';
import { createVault, kidOf } from '../settings/secrets.ts';
import { resealed, sealedTexts } from './sealed.ts';

describe('sealing anew', () => {
  const [old, next] = [freshKey(), freshKey()];
  const before = createVault([old]);
  const bot = {
    name: 'Bot',
    verification_token: before.seal('token', 'bot/bot_1/verification_token'),
    access_token: null,
    hook_tokens: [
      { sealed: before.seal('new', 'bot/bot_1/hook_tokens'), until: null },
      { sealed: before.seal('old', 'bot/bot_1/hook_tokens'), until: 12 },
    ],
    settings: { failure_threshold: 5 },
  };

  it('finds the secrets with their places', () => {
    expect(sealedTexts('bot', 'bot_1', bot).map((each) => each.place)).toEqual([
      'bot/bot_1/verification_token',
      'bot/bot_1/hook_tokens',
      'bot/bot_1/hook_tokens',
    ]);
    const config = { token: before.seal('t', 'asset/ast_1/config.token'), url: 'https://a.example' };
    expect(sealedTexts('asset', 'ast_1', { config }).map((each) => each.place)).toEqual(['asset/ast_1/config.token']);
  });

  it('keeps everything but the key', () => {
    const after = resealed('bot', 'bot_1', bot, createVault([next, old])) as typeof bot;
    const only = createVault([next]);
    expect(only.open(after.verification_token, 'bot/bot_1/verification_token')).toBe('token');
    expect(after.hook_tokens.map((each) => only.open(each.sealed, 'bot/bot_1/hook_tokens'))).toEqual(['new', 'old']);
    expect(after.hook_tokens.map((each) => each.until)).toEqual([null, 12]);
    expect(after.settings).toEqual(bot.settings);
    expect(sealedTexts('bot', 'bot_1', after).every((each) => kidOf(each.sealed) === next.kid)).toBe(true);
  });
});
