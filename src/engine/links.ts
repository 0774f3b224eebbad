// Media of ours on their way: messages keep `media:<id>`; who is sent one gets a link that ends, and who sends us back
// such a link has it kept as the medium itself.
// Not here: making and checking links (src/media). The one thing to know: a link is made at each attempt, so that what
// was parked for a week is as good as new; what has no media is passed on as it is.
import type { Input, Outcome } from '../routing/inputs.ts';
import type { Media, Message } from '../routing/model.ts';
import type { AttemptFacts } from './ports.ts';
import type { LaneItem } from './store-port.ts';

export type MediaLinks = { linked(medium: Media): Media; adopted(medium: Media): Media };

const withMedia = <M extends Pick<Message, 'media'>>(message: M, change: (medium: Media) => Media): M =>
  message.media.length === 0 ? message : { ...message, media: message.media.map(change) };

export function linkedItem(item: LaneItem, links: MediaLinks): LaneItem {
  const { message, merged } = item;
  const linked = (medium: Media): Media => links.linked(medium);
  if (!message?.media.length && !merged.some(({ media }) => media.length > 0)) return item;
  return {
    ...item,
    message: message && withMedia(message, linked),
    merged: merged.map((each) => withMedia(each, linked)),
  };
}

export function linkedTranscript(
  transcript: NonNullable<AttemptFacts['transcript']>,
  links: MediaLinks,
): NonNullable<AttemptFacts['transcript']> {
  return {
    ...transcript,
    messages: transcript.messages.map((message) => withMedia(message, (medium) => links.linked(medium))),
  };
}

/** The same of what a bot said at once, in its answer. */
export function adoptedOutcome(outcome: Outcome, links: MediaLinks): Outcome {
  if (outcome.commands === undefined) return outcome;
  const commands = outcome.commands.map((read) =>
    read.ok && read.command.type === 'message'
      ? { ...read, command: { ...read.command, message: withMedia(read.command.message, (of) => links.adopted(of)) } }
      : read,
  );
  return { ...outcome, commands };
}

/** What a bot or an agent says with links of ours. */
export function adoptedInput(input: Input, links: MediaLinks): Input {
  if (input.type !== 'bot' && input.type !== 'desk') return input;
  const adopted = (medium: Media): Media => links.adopted(medium);
  if (input.type === 'bot' && input.command.type === 'message' && input.command.message.media.length > 0) {
    return { ...input, command: { ...input.command, message: withMedia(input.command.message, adopted) } };
  }
  if (input.type === 'desk' && input.command.type === 'message' && input.command.message.media.length > 0) {
    return { ...input, command: { ...input.command, message: withMedia(input.command.message, adopted) } };
  }
  return input;
}
