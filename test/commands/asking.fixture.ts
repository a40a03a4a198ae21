import {askOnTerminal} from '../../source/commands/ask-on-terminal.ts';

// Run in a terminal by the test of ask-on-terminal.ts.
const answer = await askOnTerminal().password('ubuntu', 'vm1', false);
process.stdout.write(`answered ${answer?.length ?? 0} characters\n`);
