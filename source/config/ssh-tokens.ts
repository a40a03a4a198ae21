import os from 'node:os';
import {bad, good, type Outcome} from '../cluster/problem.ts';

/** What the tokens of ssh_config (TOKENS in its manual page) and `~` stand for, for one destination. */
export type TokenValues = {
  /** %h */
  hostName: string;
  /** %n */
  destination: string;
  /** %p */
  port: number;
  /** %r */
  user: string;
  /** %u */
  localUser: string;
  /** %d and ~ */
  homeDirectory: string;
  /** %k */
  hostKeyAlias: string;
  /** ${NAME} */
  environment: Readonly<Record<string, string | undefined>>;
};

/** A path of ssh_config with `~`, `%` tokens and `${VARIABLE}` replaced. A token or variable that is not known is a problem, as for ssh. */
export function expandPath(text: string, values: TokenValues): Outcome<string> {
  const unknown: string[] = [];
  const expanded = text
    .replace(/^~(?=\/|$)/, () => values.homeDirectory)
    .replaceAll(/%(.)|\$\{([^}]*)\}/g, (whole, token?: string, variable?: string) => {
      const value = token === undefined ? values.environment[variable ?? ''] : tokenValue(token, values);
      if (value === undefined) unknown.push(whole);
      return value ?? whole;
    });
  if (unknown.length > 0) {
    return bad(
      'configuration',
      `ssh_config has the path ${text} for ${values.destination}, and pgaf cannot tell what ${unknown.join(', ')} stands for`,
      {
        remedy: 'write the path out in ssh_config, or give identityFile and knownHostsFile in the configuration',
      },
    );
  }
  return good(expanded);
}

function tokenValue(token: string, values: TokenValues): string | undefined {
  switch (token) {
    case '%':
      return '%';
    case 'h':
      return values.hostName;
    case 'n':
      return values.destination;
    case 'p':
      return String(values.port);
    case 'r':
      return values.user;
    case 'u':
      return values.localUser;
    case 'd':
      return values.homeDirectory;
    case 'k':
      return values.hostKeyAlias;
    case 'i':
      return String(process.getuid?.() ?? '');
    case 'l':
      return os.hostname();
    case 'L':
      return os.hostname().split('.')[0];
    default:
      return undefined;
  }
}
