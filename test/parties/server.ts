// In each process of the project `postgres`: says where its PostgreSQL is, for the boxes that are started there.
import { inject } from 'vitest';

process.env.SIGNALBOX_TEST_SERVER = inject('server');
