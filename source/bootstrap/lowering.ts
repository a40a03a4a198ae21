import type {Action, Plan, Progress, Situation, Step} from '../actions/action.ts';
import {monitorOf, nodeNamed, primaryOf} from '../actions/cluster-facts.ts';
import {both, stepsOf as stepsOfAction} from '../actions/procedure.ts';
import {setPriority} from '../actions/set-priority.ts';
import type {DesiredCluster, DesiredNode} from './desired-cluster.ts';
import {allReported, atRest, keeperChange} from './every-keeper.ts';
import type {HostSurvey} from './host-survey.ts';
import {loweredParameters} from './required-parameters.ts';
import {parameterSteps} from './server-steps.ts';

/**
 * Gives the primary less of what a standby needs as much of, before the standbys get it: PostgreSQL is restarted where it is, and nobody may be
 * promoted meanwhile, as the old primary could not follow one that has more.
 */
export function lowering(cluster: DesiredCluster, surveys: readonly HostSurvey[]): Action {
  return keeperChange(
    {
      id: 'bootstrap-lowering',
      usage: 'bootstrap --rolling',
      title: 'Less on the primary first',
      help: 'restart PostgreSQL of the primary with lower parameters, before its standbys get them',
      tier: 'service',
    },
    cluster,
    situation => plan(situation, cluster, surveys),
    primary => `${primary} runs with less; its standbys are the next`,
  );
}

function plan(situation: Situation, cluster: DesiredCluster, surveys: readonly HostSurvey[]): Plan {
  const lowered = loweredParameters(cluster, surveys, monitorOf(situation));
  return {
    meaning: [
      `the primary gets ${lowered.map(({name, from, to}) => `${name} ${to} instead of ${from}`).join(', ')}`,
      'PostgreSQL of the primary restarts: open sessions end, and clients see about 5 s without a writable primary',
      'nobody is promoted meanwhile; then the standbys get it, and are made anew one after the other',
      'to go on after an interruption: the same command',
    ],
    steps: stepsOf(situation, cluster, surveys),
    confirmation: cluster.name,
    usualSeconds: 20,
    budgetSeconds: 300,
  };
}

function stepsOf(situation: Situation, cluster: DesiredCluster, surveys: readonly HostSurvey[]): readonly Step[] {
  const monitor = monitorOf(situation);
  const name = monitor && primaryOf(monitor)?.name;
  const primary = cluster.nodes.find(node => node.container === name);
  if (primary === undefined) return [];
  const standbys = cluster.nodes.filter(node => node !== primary && nodeNamed(situation, node.container) !== undefined);
  const {docker} = situation;
  const server = parameterSteps(cluster, primary, {surveys, monitor, docker}, true).steps;
  const priority = ({container}: DesiredNode, value: number, title: string) =>
    stepsOfAction(
      situation,
      setPriority.of({node: container, value: String(value)}),
      now => nodeNamed(now, container)?.candidatePriority === value,
    ).map(step => ({...step, title: `${container} ${title}`}));
  const exec = [...(docker.get(primary.host) ?? ['docker']), 'exec', primary.container];
  return [
    ...standbys.flatMap(node => priority(node, 0, 'is not promoted meanwhile')),
    ...server.flatMap(step =>
      step.kind === 'server'
        ? [{host: step.host, argv: step.argv, title: step.what, ...(step.input === '' ? {} : {input: step.input})}]
        : [],
    ),
    {
      host: primary.host,
      argv: [...exec, 'sh', '-c', replayedScript, 'replayed', String(primary.port), String(standbys.length)],
      title: `the standbys know that ${primary.container} has less`,
      until: (before, now) =>
        both(allReported(before, now), () => both(runs(now, primary), () => atRest(now, () => ''))),
    },
    ...standbys.flatMap(node => priority(node, node.candidatePriority, 'may be promoted as before')),
  ];
}

/** What its keeper said of the time in which it was restarted would be a reason to promote another one. */
function runs(now: Situation, {container}: DesiredNode): Progress {
  const node = nodeNamed(now, container);
  return node?.postgresRunning === true && node.health === 'good'
    ? {state: 'done', message: 'it runs'}
    : {state: 'pending', waitingFor: `the keeper of ${container} to find that PostgreSQL runs`};
}

/** A standby learns of it from the WAL, and refuses to start with less before it has. Its arguments: the port, and how many standbys there are. */
export const replayedScript = [
  'set -e; ask() { psql -XAtq -p "$port" -d postgres -c "$1"; }; port=$1;',
  'lsn=$(ask "select pg_current_wal_lsn()"); left=60;',
  `until [ "$(ask "select count(*) >= $2 from pg_stat_replication where replay_lsn >= '$lsn'")" = t ]; do`,
  '[ "$left" -gt 0 ] || { echo "not every standby has replayed $lsn" >&2; exit 1; }; left=$((left - 1)); sleep 1; done',
].join(' ');
