import {randomUUID} from 'node:crypto';
import type {ActionRun} from '../actions/action-run.ts';
import {appendLine, auditFile, auditLog} from '../actions/audit-log.ts';
import {type Operator, thisOperator} from '../actions/operator.ts';
import type {BootstrapRecord} from '../bootstrap/bootstrap-record.ts';
import type {Outcome} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import {stateFolder} from '../config/state-folder.ts';
import type {RecordSession} from '../session/session-record.ts';
import {bootstrapLine} from './bootstrap-line.ts';
import {sessionLine} from './session-line.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who acts on a cluster from this process, and where it is written down. */
export function auditEdge(
  cluster: ClusterConfiguration,
  environment: Environment,
): {
  operator: Operator;
  record(run: ActionRun): Outcome<void>;
  recordSession: RecordSession;
  /** Of one bootstrap: begun, and ended. */
  recordBootstrap(record: BootstrapRecord): Outcome<void>;
} {
  const operator = thisOperator(environment);
  const users = new Map(cluster.hosts.map(({name, ssh}) => [name, ssh.user]));
  const place = {
    operator,
    cluster: cluster.name,
    formation: cluster.formation,
    userOn: (host: string) => users.get(host),
  };
  const docker = new Map(cluster.hosts.map(host => [host.name, host.docker]));
  const dockerOn = (host: string) => docker.get(host) ?? ['docker'];
  const bootstrapId = randomUUID();
  const file = auditFileOf(cluster, environment);
  return {
    operator,
    record: auditLog(file, place, Date.now),
    recordSession: session => appendLine(file, JSON.stringify(sessionLine(session, place, Date.now()))),
    recordBootstrap: record =>
      appendLine(file, JSON.stringify(bootstrapLine(record, bootstrapId, dockerOn, place, Date.now()))),
  };
}

/** The audit log of a cluster. */
export function auditFileOf(cluster: Pick<ClusterConfiguration, 'name'>, environment: Environment): string {
  return auditFile(stateFolder(environment), cluster.name);
}
