// Standard Webhooks as its specification says it, written apart from the program, so that both cannot err alike.
// Not here: when to sign. The one thing to know: what is signed is `id.timestamp.body`, with the decoded secret.
import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_S = 300;

function mac(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

export function signed(secret: string, id: string, nowMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${mac(secret, id, timestamp, body)}`,
  };
}

/** '' when the signature holds, else what is wrong with it. */
export function faultOf(secret: string, headers: Record<string, string>, body: string, nowMs: number): string {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  if (!id || !timestamp || !signature) return 'a webhook header is missing';
  if (!/^\d{10}$/.test(timestamp)) return `webhook-timestamp is not in seconds: ${timestamp}`;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S) return 'webhook-timestamp is more than 5 minutes off';
  const wanted = Buffer.from(mac(secret, id, timestamp, body));
  const holds = signature.split(' ').some((part) => {
    const given = Buffer.from(part.replace(/^v1,/, ''));
    return part.startsWith('v1,') && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return holds ? '' : 'no signature fits';
}
