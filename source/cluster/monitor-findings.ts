import type {Finding} from './assessment.ts';
import {skewFindings} from './clock-skew.ts';
import {wholeSeconds} from './duration.ts';
import type {Evidence} from './evidence.ts';
import {readAge} from './facts.ts';
import {fewNames} from './few-names.ts';
import {problemOf} from './sample.ts';
import type {Situation} from './situation.ts';

/** The monitor away or freshly started, what it knows and the configuration does not (and the reverse), clocks that differ. */
export function monitorFindings(evidence: Evidence, situations: readonly Situation[]): readonly Finding[] {
  return [
    ...monitorAway(evidence, situations),
    ...empty(evidence),
    ...startup(evidence),
    ...strangers(evidence),
    ...unregistered(evidence),
    ...skewFindings(evidence),
  ];
}

function monitorAway(evidence: Evidence, situations: readonly Situation[]): readonly Finding[] {
  const {snapshot, monitor} = evidence;
  if (snapshot.monitor === undefined || monitor?.current === true) return [];
  const problem = problemOf(snapshot.monitor);
  if (problem?.kind === 'formation-unknown') {
    const {message: title, remedy = ''} = problem;
    return [
      {code: 'configuration', severity: 'critical', node: null, title, evidence: ['the monitor answers'], remedy},
    ];
  }
  const taken = situations.some(({group}) => group.open.length > 0);
  const fencing = situations.find(({group}) => group.primary !== undefined && group.synchronous?.live.length === 0);
  const last =
    monitor === undefined ? 'it has not answered since the console started' : `last read${readAge(monitor.ageSeconds)}`;
  const away: Finding = {
    code: 'R18',
    severity: taken && fencing === undefined ? 'warning' : 'critical',
    node: null,
    title: `the monitor does not answer: ${problem?.message ?? 'no reading for some seconds'}`,
    evidence: [
      ...(problem?.detail === undefined ? [] : problem.detail.split('\n').slice(0, 3)),
      last,
      taken
        ? 'the data path goes on; no failover, no settings and no join while it is away'
        : 'nodes that stop or start while it is away stay down',
    ],
    remedy: [
      `${problem?.remedy ?? 'bring the monitor back'}. Do not restart any node meanwhile: it would not come up (R59)`,
      ...(taken ? [] : [withoutMonitor]),
    ].join('. '),
  };
  if (fencing === undefined) return [away];
  const name = fencing.group.primary?.name ?? 'the primary';
  return [
    {
      code: 'R19',
      severity: 'critical',
      node: name,
      title: `${name} will stop itself: no monitor and no standby for 20 s`,
      evidence: [`${name} itself: no standby is connected`, last],
      remedy: 'bring back the monitor or a standby at once; then writes go on',
    },
    away,
  ];
}

/** R60; the gate of a container that a bootstrap made does it by itself where it is safe. */
const withoutMonitor =
  'If it is lost for good and no node takes writes: in the container of the node that was primary, and has the highest timeline and LSN of all (pg_controldata), `pg_autoctl disable monitor --force`, then `pg_autoctl run`; and on every node so disabled `pg_autoctl do fsm nodes set` with all nodes and their ids, or commits wait for standbys whose slots are gone (R60)';

function startup(evidence: Evidence): readonly Finding[] {
  const {monitor} = evidence;
  if (monitor?.current !== true) return [];
  const up = monitor.reading.uptimeSeconds + monitor.ageSeconds;
  const grace = monitor.reading.settings.startupGracePeriod / 1000;
  if (up >= grace) return [];
  return [
    {
      code: 'monitor-startup',
      severity: 'info',
      node: null,
      title: `the monitor started ${wholeSeconds(up)} ago: it judges no node for another ${wholeSeconds(grace - up)}`,
      evidence: [`pgautofailover.startup_grace_period ${wholeSeconds(grace)}`],
      remedy: 'wait: health and failover start after that',
    },
  ];
}

/** R22: a new monitor, or another formation than the nodes belong to. */
function empty(evidence: Evidence): readonly Finding[] {
  const {monitor, snapshot} = evidence;
  if (monitor?.current !== true || monitor.reading.nodes.length > 0) return [];
  return [
    {
      code: 'R22',
      severity: 'critical',
      node: null,
      title: `the monitor knows no node in formation ${snapshot.cluster.formation}`,
      evidence: [`monitor: version ${monitor.reading.version}, no row for this formation`],
      remedy:
        "check the formation's name; a new cluster: create its nodes; a monitor that was built anew: register the nodes at it, the primary first",
    },
  ];
}

function strangers(evidence: Evidence): readonly Finding[] {
  if (evidence.monitor?.current !== true) return [];
  return evidence.nodes
    .filter(node => node.row !== undefined && !node.configured && node.row.assignedState !== 'dropped')
    .map(node => ({
      code: 'not-configured',
      severity: 'info',
      node: node.name,
      title: `${node.name} is known to the monitor and not in the configuration`,
      evidence: [`registered as ${node.row?.host ?? '?'}:${node.row?.port ?? '?'}`],
      remedy: 'add its host to the configuration to see its container, its log and its own word',
    }));
}

function unregistered(evidence: Evidence): readonly Finding[] {
  if (evidence.monitor?.current !== true || evidence.monitor.reading.nodes.length === 0) return [];
  const registered = evidence.nodes.filter(node => node.row !== undefined);
  const known = fewNames(registered.map(node => node.name)) || 'no node';
  return evidence.nodes
    .filter(node => node.row === undefined)
    .map(node => {
      const open = node.postgres !== undefined && !node.postgres.inRecovery && !node.postgres.readOnly;
      return {
        code: open ? 'R20' : 'not-registered',
        severity: open ? ('critical' as const) : ('warning' as const),
        node: node.name,
        title: open
          ? `${node.name} accepts writes and is not registered at the monitor`
          : `${node.name} is in the configuration, and the monitor does not know it`,
        evidence: [`the monitor knows ${known}`, ...(node.problem === undefined ? [] : [node.problem.message])],
        remedy: open
          ? `stop it before an application writes to it: docker stop ${node.containerName ?? node.name}`
          : `bring it back with :rejoin ${node.name}, or take it out of the configuration`,
      };
    });
}
