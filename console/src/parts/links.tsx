// Links and buttons that lead somewhere: Mantine's look, the router's knowledge of where.
// The one thing to know: a thing that navigates is an <a>, so that it can be opened in a new tab; `to` is checked.
import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Rest<P> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

export const LinkTo = createLink((props: AnchorProps & Rest<AnchorProps>) => <Anchor {...props} />);
export const ButtonTo = createLink((props: ButtonProps & Rest<ButtonProps>) => <Button component="a" {...props} />);
export const NavTo = createLink((props: NavLinkProps & Rest<NavLinkProps>) => <NavLink component="a" {...props} />);
