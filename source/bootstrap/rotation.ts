import type {Action, Plan, Situation, Step} from '../actions/action.ts';
import {monitorOf, nodeNamed, primaryOf} from '../actions/cluster-facts.ts';
import {applicationFile, applicationFileName, applicationPassword as applicationPasswordIn} from './application.ts';
import {type DesiredCluster, type DesiredContainer, hostsOf} from './desired-cluster.ts';
import {allReported, keeperChange} from './every-keeper.ts';
import type {HostSurvey} from './host-survey.ts';
import {passwordFile, passwordFileScript} from './password-file.ts';
import {
  type FreshSecrets,
  keptSecrets,
  type NextPasswords,
  type Secrets,
  scramVerifier,
  secretsFile,
  secretsFileName,
} from './secrets.ts';
import {writeCommand} from './write-file.ts';

/** Whether a rotation was interrupted, so that roles, keepers and hosts may have different passwords. */
export function rotationIsUnderWay(surveys: readonly HostSurvey[]): boolean {
  return keptSecrets(surveys.map(survey => survey.secrets))?.next !== undefined;
}

/** Whether all that is left of a rotation is that some hosts still keep the old passwords beside the new ones. */
export function isFinishing(surveys: readonly HostSurvey[]): boolean {
  return !rotationIsUnderWay(surveys) && surveys.some(survey => survey.secrets?.next !== undefined);
}

/**
 * Changes the passwords of the monitor and of replication while everything goes on, and nothing restarts: connections that are open stay, new
 * ones look into ~/.pgpass. The new passwords are on the hosts before they are used. A role has one password at a time, so keepers cannot ask
 * the monitor until they are given the new one right after the role: some seconds that cost no failover, as the monitor still reaches their
 * Postgres (R11).
 */
export function rotation(
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  fresh: FreshSecrets,
  random: (bytes: number) => Buffer,
): Action {
  const goesOn = rotationIsUnderWay(surveys);
  return keeperChange(
    {
      id: 'bootstrap-rotate-passwords',
      usage: 'bootstrap --rotate-passwords',
      title: 'New passwords',
      help: 'change the passwords of the monitor and of replication while everything goes on',
      tier: 'service',
    },
    cluster,
    situation => plan(cluster, stepsOf(situation, cluster, surveys, fresh, random)),
    primary => `${primary} and its standbys use the new passwords`,
    {goesOn, title: goesOn ? 'New passwords, gone on with' : undefined},
  );
}

function plan({formation, name, settings}: DesiredCluster, steps: readonly Step[]): Plan {
  return {
    meaning: [
      `the roles autoctl_node and pgautofailover_replicator of ${formation} get new passwords; writes go on`,
      'nothing restarts; keepers cannot ask the monitor for some seconds',
      'who connects to the monitor as autoctl_node with a password of their own needs the new one from then on',
      ...(settings.database === undefined
        ? []
        : [
            `so does ${settings.database.user}, when its password is kept in ${applicationFileName}: the application reads it anew there; its open connections stay`,
          ]),
      'to go on after an interruption: the same command',
    ],
    steps,
    confirmation: name,
    usualSeconds: 15,
    budgetSeconds: 300,
  };
}

function stepsOf(
  situation: Situation,
  cluster: DesiredCluster,
  surveys: readonly HostSurvey[],
  fresh: FreshSecrets,
  random: (bytes: number) => Buffer,
): readonly Step[] {
  const {database, folder} = cluster.settings;
  const reading = monitorOf(situation);
  const kept = keptSecrets(surveys.map(survey => survey.secrets));
  const primaryName = reading === undefined ? undefined : primaryOf(reading)?.name;
  const primary = cluster.nodes.find(node => node.container === primaryName);
  if (kept === undefined || primary === undefined) return [];
  const {next = newPasswords(cluster, surveys, fresh), ...old} = kept;
  const {monitorPassword, replicationPassword, applicationPassword} = next;
  const registered = cluster.nodes.filter(node => nodeNamed(situation, node.container) !== undefined);
  const docker = (host: string) => situation.docker.get(host) ?? ['docker'];
  const inContainer = ({host, container}: DesiredContainer, argv: readonly string[]) => ({
    host,
    argv: [...docker(host), 'exec', '-i', container, ...argv],
  });
  const role = (of: DesiredContainer, database: string, name: string, password: string): Step => ({
    ...inContainer(of, ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-p', String(of.port), '-d', database]),
    input: `alter role ${name} password '${scramVerifier(password, random(16))}';\n`,
    title: `the new password of ${name}`,
  });
  return [
    ...hostsOf(cluster)
      .filter(host => surveys.find(survey => survey.host === host)?.secrets?.next === undefined)
      .map(host => writeSecrets(cluster, host, {...old, next}, 'keep the new passwords beside those in use')),
    role(cluster.monitor, 'pg_auto_failover', 'autoctl_node', monitorPassword),
    role(primary, 'postgres', 'pgautofailover_replicator', replicationPassword),
    // The monitor's is for those who connect to it from outside. Keepers are waited for when all have them: until then each is silent.
    ...[cluster.monitor, ...registered].map((each, index) => ({
      ...inContainer(each, ['sh', '-c', passwordFileScript]),
      input: passwordFile(next),
      title: `${each.container} uses the new passwords`,
      ...(index === registered.length ? {until: allReported} : {}),
    })),
    ...registered
      .filter(node => node !== primary)
      .map(node => ({
        ...inContainer(node, ['psql', '-X', '-A', '-t', '-c', 'select 1', replicatorAt(primary)]),
        title: `${node.container} may connect to ${primary.container} with the new password`,
      })),
    ...(database === undefined || applicationPassword === undefined
      ? []
      : [
          role(primary, 'postgres', database.user, applicationPassword),
          ...hostsOf(cluster).map(host => ({
            host,
            argv: writeCommand(
              `${folder}/${applicationFileName}`,
              applicationFile(cluster, database, applicationPassword),
              '077',
            ),
            input: applicationFile(cluster, database, applicationPassword),
            title: `the application finds its new password in ${applicationFileName}`,
          })),
        ]),
    ...hostsOf(cluster).map(host =>
      writeSecrets(cluster, host, {monitorPassword, replicationPassword}, 'keep only the new passwords'),
    ),
  ];
}

/** The application's is changed where it is kept here, and not by somebody else. */
function newPasswords(
  {settings}: DesiredCluster,
  surveys: readonly HostSurvey[],
  {applicationPassword, ...fresh}: FreshSecrets,
): NextPasswords {
  const isKept = surveys.some(({application}) => applicationPasswordIn(application ?? '') !== undefined);
  return settings.database !== undefined && isKept ? {...fresh, applicationPassword} : fresh;
}

/** How a standby reaches the primary; the password is found in ~/.pgpass. */
function replicatorAt({address, port}: DesiredContainer): string {
  return `host=${address} port=${port} user=pgautofailover_replicator dbname=postgres sslmode=prefer`;
}

function writeSecrets({settings}: DesiredCluster, host: string, secrets: Secrets, title: string): Step {
  const input = secretsFile(secrets);
  return {host, argv: writeCommand(`${settings.folder}/${secretsFileName}`, input, '077'), input, title};
}
