// Short news at the edge of the window: something was done, something was refused.
// Not here: errors of a whole screen (States.tsx). The one thing to know: a refusal names its code and request id, so
// that it can be found in the log.
import { Code, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { errorOf } from '../api/client.ts';
import { Icon } from '../icons/index.tsx';

export function tellDone(message: string): void {
  notifications.show({ message, color: 'teal.8', icon: <Icon name="check" size={16} />, autoClose: 4_000 });
}

export function tellFailed(title: string, error: unknown): void {
  const { message, code, requestId } = errorOf(error);
  notifications.show({
    title,
    color: 'red.8',
    icon: <Icon name="cross" size={16} />,
    autoClose: 10_000,
    message: (
      <>
        {message}
        <Text size="xs" c="dimmed" mt={4}>
          <Code>{code}</Code> {requestId}
        </Text>
      </>
    ),
  });
}
