// The head of a screen: what it is, where it hangs, what can be done here. It names the window too.
// Not here: filters of a list. The one thing to know: the title is the page's only h1, and takes the focus after a change
// of page, so that a screen reader says where one is.
import { Box, Group, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { arriveAt } from './arrival.ts';
import classes from './PageHeader.module.css';

type Props = {
  title: string;
  /** what stands before it: a link to the list */
  back?: ReactNode;
  /** beside the title: a StatusBadge */
  badge?: ReactNode;
  /** one sentence */
  about?: ReactNode;
  /** buttons */
  actions?: ReactNode;
};

export function PageHeader({ title, back, badge, about, actions }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Signalbox`;
    arriveAt(heading.current);
  }, [title]);
  return (
    <Box component="header" className={classes.root}>
      {back ? <div className={classes.back}>{back}</div> : null}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" className={classes.title}>
          <Title order={1} ref={heading} tabIndex={-1} id="page-title" dir="auto">
            {title}
          </Title>
          {badge}
        </Group>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {about ? (
        <Text component="div" c="dimmed" mt={2} maw={760}>
          {about}
        </Text>
      ) : null}
    </Box>
  );
}
