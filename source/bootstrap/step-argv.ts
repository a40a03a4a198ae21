import type {BootstrapStep} from './plan.ts';
import {secretsFile} from './secrets.ts';
import {writeCommand} from './write-file.ts';

/** What a step runs on its host; what is secret is on its standard input. */
export function argvOf(step: BootstrapStep, docker: (host: string) => readonly string[]): readonly string[] {
  switch (step.kind) {
    case 'file':
      return writeCommand(step.path, step.content, '022');
    case 'secrets':
      return writeCommand(step.path, secretsFile(step.secrets), '077');
    case 'application':
      return writeCommand(step.path, step.content, '077');
    case 'image':
    case 'own-image':
      return [...docker(step.host), 'load', '--quiet'];
    default:
      return step.argv;
  }
}
