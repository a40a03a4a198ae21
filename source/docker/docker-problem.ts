import type {Problem} from '../cluster/problem.ts';

/** What a failed docker (or podman) command line says, where it ran and on what. */
export type DockerFailure = {
  exitCode: number | null;
  stderr: string;
  host: string;
  docker: readonly string[];
  container?: string;
};

/** Turns a failed docker command into the person's words: not installed, no permission, daemon down, container missing or stopped. */
export function dockerProblem(failure: DockerFailure): Problem {
  const {exitCode, stderr, host} = failure;
  const name = failure.docker.join(' ');
  const program = failure.docker.at(-1) ?? 'docker';
  const container = failure.container ?? 'the container';
  const problem = (kind: Problem['kind'], message: string, remedy: string): Problem => {
    const detail = stderr.trim();
    return {kind, message, remedy, ...(detail === '' ? {} : {detail})};
  };

  if (/sudo: .*(password is required|a terminal is required)/.test(stderr)) {
    return problem(
      'docker-permission',
      `sudo on ${host} asks for a password`,
      `allow it without one for docker in sudoers (NOPASSWD), or add the user to the docker group and set docker: [docker]`,
    );
  }
  if (/is not in the sudoers file|not allowed to (execute|run)/i.test(stderr)) {
    return problem(
      'docker-permission',
      `sudo on ${host} does not let this user run ${program}`,
      'add a sudoers rule for it, or add the user to the docker group and set docker: [docker]',
    );
  }
  if (/permission denied/i.test(stderr) && /docker.*socket|\.sock|daemon|podman/i.test(stderr)) {
    return problem(
      'docker-permission',
      `no permission to use docker on ${host}`,
      `on ${host}: sudo usermod -aG docker USER, then connect anew; or set docker: [sudo, -n, docker] for this host`,
    );
  }
  if (
    /cannot connect to the docker daemon|is the docker daemon running|cannot connect to podman|unable to connect to podman/i.test(
      stderr,
    )
  ) {
    return problem('docker-down', `docker does not run on ${host}`, `on ${host}: sudo systemctl start docker`);
  }
  if (/no such (container|object)|no container with name or id/i.test(stderr)) {
    return problem(
      'container-missing',
      `there is no container ${container} on ${host}`,
      `compare the configuration with: ${name} ps -a`,
    );
  }
  if (
    /container .* is (not running|restarting|paused|dead)|can only create exec sessions on running containers|container state improper/i.test(
      stderr,
    )
  ) {
    const how = /is (restarting|paused|dead)/i.exec(stderr)?.[1] ?? 'not running';
    return problem(
      'container-not-running',
      `${container} on ${host} is ${how}`,
      how === 'paused' ? `${name} unpause ${container}` : `look at its log, then: ${name} start ${container}`,
    );
  }
  // The remote shell names what it did not find: sudo, or docker itself.
  const missing = /(?:^|[\s:])(\S+): (?:command )?not found/m.exec(stderr)?.[1] ?? program;
  const isMissing = exitCode === 127 || (exitCode === 1 && /^sudo: .*command not found/m.test(stderr));
  if (isMissing && !/oci runtime/i.test(stderr)) {
    return problem(
      'docker-missing',
      `${missing} is not installed on ${host}, or not in the PATH of a non-interactive shell`,
      missing === program
        ? `install it, or give its full path: docker: [/path/to/${program}]`
        : `set docker: [${program}] for this host`,
    );
  }
  const firstLine = stderr.trim().split('\n', 1)[0] ?? '';
  const ending = exitCode === null ? 'was killed' : `failed with exit status ${exitCode}`;
  return problem(
    'command-failed',
    `${name} on ${host} ${ending}${firstLine === '' ? '' : `: ${firstLine}`}`,
    `run it by hand on ${host}`,
  );
}

/** The docker daemon took the command and did not answer before the deadline. */
export function dockerSilent(host: string, docker: readonly string[], deadlineMs: number): Problem {
  return {
    kind: 'docker-down',
    message: `docker on ${host} has not answered for ${Math.round(deadlineMs / 1000)} s`,
    remedy: `on ${host}: systemctl status docker; the daemon may hang (${docker.join(' ')} ps)`,
  };
}
