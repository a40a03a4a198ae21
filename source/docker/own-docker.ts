import {execFile, spawn} from 'node:child_process';
import type {Problem} from '../cluster/problem.ts';
import type {ProcessEnd, Session} from '../ssh/host-connection.ts';

/** The Docker of the machine that pgaf runs on, as far as there is one. */
export type OwnDocker = {
  /** The architecture that an image is made for, in Docker's words; undefined: it has none, or there is no Docker. */
  architectureOf(image: string): Promise<string | undefined>;
  /** `docker save`. Both outputs have to be read; it ends when the signal comes. */
  save(image: string, signal: AbortSignal): ImageOutput;
};

/** A process that writes an image to its standard output, wherever it runs. */
export type ImageOutput = Pick<Session, 'stdout' | 'stderr' | 'ended' | 'close'>;

const answerMs = 5000;

/** As `docker` finds its daemon by this environment (PATH, DOCKER_HOST, its context). */
export function ownDocker(environment: NodeJS.ProcessEnv): OwnDocker {
  return {
    architectureOf(image) {
      const argv = ['image', 'inspect', '--format', '{{.Architecture}}', image];
      return new Promise(resolve => {
        execFile('docker', argv, {timeout: answerMs, env: environment}, (error, stdout) => {
          const architecture = stdout.trim();
          resolve(error === null && architecture !== '' ? architecture : undefined);
        });
      });
    },
    save(image, signal) {
      const child = spawn('docker', ['save', image], {stdio: ['ignore', 'pipe', 'pipe'], signal, env: environment});
      const {promise: ended, resolve} = Promise.withResolvers<ProcessEnd>();
      child.on('error', error => resolve({exitCode: null, signal: null, problem: problemOf(error, signal)}));
      child.on('close', (exitCode, killedBy) => resolve({exitCode, signal: killedBy}));
      return {stdout: child.stdout, stderr: child.stderr, ended, close: () => child.kill()};
    },
  };
}

function problemOf(error: Error, signal: AbortSignal): Problem {
  return signal.aborted
    ? {kind: 'cancelled', message: 'it was interrupted'}
    : {kind: 'command-failed', message: `docker cannot be run here: ${error.message}`};
}
