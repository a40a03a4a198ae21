import {askNobody} from '../../source/ssh/ask.ts';
import {openHost, type SessionOptions} from '../../source/ssh/host-connection.ts';
import type {HostSettings} from '../../source/ssh/host-settings.ts';

/** Opens a session on the host of its argument, says so, and waits to be killed. */
const {
  settings,
  argv,
  options,
  ended,
}: {settings: HostSettings; argv: string[]; options: SessionOptions; ended: boolean} = JSON.parse(
  process.argv[2] ?? '',
);
const host = openHost(settings, {ask: askNobody, now: Date.now, random: Math.random});
const session = await host.session(argv, options);
if (session.ok) session.value.stdout.pipe(process.stdout);
if (session.ok && ended) session.value.stdin.end();
console.log(session.ok ? 'started' : session.problem.message);
