import os from 'node:os';

/** Who acts from here: for the audit log, and for others who find the formation taken. */
export type Operator = {
  user: string;
  /** Who became that user by sudo. */
  sudoUser: string | undefined;
  machine: string;
  /** SSH_CONNECTION: from where this session came, `address port address port`. */
  sshConnection: string | undefined;
};

/** The one who runs this process. */
export function thisOperator(environment: Readonly<Record<string, string | undefined>>): Operator {
  const {SUDO_USER: sudoUser, SSH_CONNECTION: sshConnection} = environment;
  return {user: userName(), sudoUser, machine: os.hostname(), sshConnection};
}

/** `ann@bastion`, or `ann (root)@bastion` for who became root. */
export function operatorName({user, sudoUser, machine}: Operator): string {
  return `${sudoUser === undefined || sudoUser === user ? user : `${sudoUser} (${user})`}@${machine}`;
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // In a container the number may have no name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
