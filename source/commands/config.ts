import {type LoadOptions, optionsReader, ownPlaces} from '../config/load-configuration.ts';
import {resolveHost} from '../config/resolve-host.ts';
import type {Selection} from '../config/select-cluster.ts';
import {sshAliases} from '../config/ssh-config-file.ts';
import {askOnTerminal, askThrough} from './ask-on-terminal.ts';
import {configCheck} from './config-check.ts';
import {configInit} from './config-init.ts';
import {configSchema} from './config-schema.ts';
import {connectionEdges} from './connection-edges.ts';
import {type Dialog, openDialog} from './dialog.ts';
import {onOutputClosed} from './process-io.ts';

const io = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
};

/** Runs `pgaf config init`, `check` or `schema` with this process's own terminal, files and connections; resolves with the exit status. */
export async function configCommand(
  command: string,
  flags: Selection & {config?: string | undefined},
): Promise<number> {
  // The terminal of a dialog has to be given back first, so `init` goes on without its listener.
  onOutputClosed(() => (command === 'config init' ? undefined : process.exit()));
  const load = ownPlaces(flags.config);
  switch (command) {
    case 'config init':
      return init(load);
    case 'config check':
      return configCheck({load, selection: flags}, io, connectionEdges(askOnTerminal()));
    default:
      return configSchema(io);
  }
}

async function init(load: LoadOptions): Promise<number> {
  const dialog =
    process.stdin.isTTY && process.stderr.isTTY ? openDialog(process.stdin, process.stderr, true) : undefined;
  // ssh's questions go through the same dialog: two readers of one terminal would share out its keys.
  const ask = askThrough(() => dialog && shared(dialog));
  const readOptions = await optionsReader(load);
  const context = {...load, readOptions, directory: load.workingDirectory};
  return configInit(io, {
    load,
    aliases: sshAliases({homeDirectory: load.accountHome, localUser: load.localUser}),
    resolve: (name, given) => resolveHost(name, given, context),
    edges: connectionEdges(ask),
    dialog,
  });
}

function shared(dialog: Dialog): Dialog {
  return {...dialog, close: () => undefined};
}
