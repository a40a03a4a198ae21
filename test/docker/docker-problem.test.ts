import {describe, expect, test} from 'vitest';
import {dockerProblem} from '../../source/docker/docker-problem.ts';

type Case = {
  name: string;
  exitCode: number;
  stderr: string;
  docker?: string[];
  kind: string;
  message: string;
  remedy: RegExp;
};

/** As docker 20.10, a newer docker CLI, sudo and podman print it. */
const cases: Case[] = [
  {
    name: 'no permission on the socket',
    exitCode: 1,
    stderr:
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    kind: 'docker-permission',
    message: 'no permission to use docker on vm1',
    remedy: /usermod -aG docker .*docker: \[sudo, -n, docker\]/,
  },
  {
    name: 'no permission on the socket, older words',
    exitCode: 1,
    stderr:
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    kind: 'docker-permission',
    message: 'no permission to use docker on vm1',
    remedy: /docker group|usermod/,
  },
  {
    name: 'sudo asks for a password',
    exitCode: 1,
    stderr: 'sudo: a password is required',
    docker: ['sudo', '-n', 'docker'],
    kind: 'docker-permission',
    message: 'sudo on vm1 asks for a password',
    remedy: /NOPASSWD/,
  },
  {
    name: 'sudo is not there',
    exitCode: 127,
    stderr: 'bash: sudo: command not found',
    docker: ['sudo', '-n', 'docker'],
    kind: 'docker-missing',
    message: 'sudo is not installed on vm1, or not in the PATH of a non-interactive shell',
    remedy: /docker: \[docker\]/,
  },
  {
    name: 'docker is not there (bash)',
    exitCode: 127,
    stderr: 'bash: docker: command not found',
    kind: 'docker-missing',
    message: 'docker is not installed on vm1, or not in the PATH of a non-interactive shell',
    remedy: /full path/,
  },
  {
    name: 'podman is not there (dash)',
    exitCode: 127,
    stderr: 'sh: 1: podman: not found',
    docker: ['podman'],
    kind: 'docker-missing',
    message: 'podman is not installed on vm1, or not in the PATH of a non-interactive shell',
    remedy: /full path/,
  },
  {
    name: 'docker is not there, under sudo',
    exitCode: 1,
    stderr: 'sudo: docker: command not found',
    docker: ['sudo', '-n', 'docker'],
    kind: 'docker-missing',
    message: 'docker is not installed on vm1, or not in the PATH of a non-interactive shell',
    remedy: /full path/,
  },
  {
    name: 'the daemon is down',
    exitCode: 1,
    stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    kind: 'docker-down',
    message: 'docker does not run on vm1',
    remedy: /systemctl start docker/,
  },
  {
    name: 'no such container (exec)',
    exitCode: 1,
    stderr: 'Error response from daemon: No such container: pg_node1',
    kind: 'container-missing',
    message: 'there is no container pg_node1 on vm1',
    remedy: /docker ps -a/,
  },
  {
    name: 'no such container (podman)',
    exitCode: 125,
    stderr: 'Error: no container with name or ID "pg_node1" found: no such container',
    docker: ['podman'],
    kind: 'container-missing',
    message: 'there is no container pg_node1 on vm1',
    remedy: /podman ps -a/,
  },
  {
    name: 'the container is stopped',
    exitCode: 1,
    stderr:
      'Error response from daemon: Container ba9d98e45c7e7ec668bedd4cee9b31874c52bf8796b13b61443862bdb85c3d59 is not running',
    kind: 'container-not-running',
    message: 'pg_node1 on vm1 is not running',
    remedy: /docker start pg_node1/,
  },
  {
    name: 'the container restarts for ever',
    exitCode: 1,
    stderr: 'Error response from daemon: Container ba9d98e45c7e is restarting, wait until the container is running',
    kind: 'container-not-running',
    message: 'pg_node1 on vm1 is restarting',
    remedy: /look at its log/,
  },
  {
    name: 'the container is paused',
    exitCode: 1,
    stderr: 'Error response from daemon: Container pg_node1 is paused, unpause the container before exec',
    kind: 'container-not-running',
    message: 'pg_node1 on vm1 is paused',
    remedy: /docker unpause pg_node1/,
  },
  {
    name: 'the container is stopped (podman)',
    exitCode: 255,
    stderr: 'Error: can only create exec sessions on running containers: container state improper',
    docker: ['podman'],
    kind: 'container-not-running',
    message: 'pg_node1 on vm1 is not running',
    remedy: /podman start pg_node1/,
  },
  {
    name: 'a program that is not in the container is not a missing docker',
    exitCode: 127,
    stderr:
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "psql": executable file not found in $PATH: unknown',
    kind: 'command-failed',
    message:
      'docker on vm1 failed with exit status 127: OCI runtime exec failed: exec failed: unable to start container process: exec: "psql": executable file not found in $PATH: unknown',
    remedy: /by hand/,
  },
];

describe('what docker says, in the words of the person who has to act', () => {
  test.each(cases)('$name', ({exitCode, stderr, docker, kind, message, remedy}) => {
    const problem = dockerProblem({exitCode, stderr, host: 'vm1', docker: docker ?? ['docker'], container: 'pg_node1'});
    expect(problem).toMatchObject({kind, message, detail: stderr});
    expect(problem.remedy).toMatch(remedy);
  });
});
