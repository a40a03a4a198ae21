import {askNobody} from '../../source/ssh/ask.ts';
import {openHost} from '../../source/ssh/host-connection.ts';

/** Started by a test that kills it: streams a command from a host until then. Its argument is JSON: settings, argv, stdin. */
const {settings, argv, stdin} = JSON.parse(process.argv[2] ?? '');
const host = openHost(settings, {ask: askNobody, now: Date.now, random: Math.random});
const started = await host.stream(argv, {deadlineMs: 10_000, stdin});
if (!started.ok) throw new Error(started.problem.message);
started.value.stdout.resume();
started.value.stderr.resume();
console.log('started');
