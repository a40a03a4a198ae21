import type {MonitorNode, MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Situation} from './action.ts';
import {allOf, hasOneGroup, mayChange, monitorAnswers, unavailable} from './availability.ts';
import {monitorOf, primaryOf} from './cluster-facts.ts';
import {onMonitor} from './commands.ts';
import {
  check,
  choiceIsCertain,
  describe,
  monitorIsFresh,
  nobodyInMaintenance,
  quorumReports,
  someoneCanBePromoted,
  withMonitor,
} from './guards.ts';
import {formationIdentity} from './identity.ts';
import {anotherPrimary, performTimesOut} from './new-primary.ts';

/**
 * Takes the role from a primary that is not well and that the monitor does not fail over by itself (R27: its keeper still reports):
 * `pg_autoctl perform failover`. The standbys are guarded as in a switchover; the primary has to report, or it would go on taking writes (R11).
 */
export const failover: ActionKind = {
  id: 'failover',
  usage: 'failover',
  title: 'Failover',
  help: 'take the role from a primary that is not well',
  tier: 'service',
  of: request => ({
    kind: failover,
    request,
    title: 'Failover',
    tier: 'service',
    available(situation) {
      const reading = monitorOf(situation);
      if (reading !== undefined && primaryOf(reading) === undefined)
        return unavailable('no node is the primary: a change is under way, or the cluster is down');
      return allOf(mayChange(situation), monitorAnswers(situation), hasOneGroup(situation));
    },
    preflight: situation => withMonitor(situation, reading => guards(situation, reading, primaryOf(reading))),
    plan,
    verify: (before, now) => anotherPrimary(before, now),
    identity: formationIdentity,
  }),
};

function guards(situation: Situation, reading: MonitorReading, primary: MonitorNode | undefined): readonly Check[] {
  return [
    monitorIsFresh(situation),
    ...(primary === undefined ? [] : [primaryReports(primary)]),
    ...quorumReports(situation, reading, primary),
    nobodyInMaintenance(reading),
    someoneCanBePromoted(reading, primary),
    ...choiceIsCertain(reading, primary),
  ];
}

/** R11: a primary whose keeper is dead keeps taking writes while the others wait for it. */
function primaryReports(primary: MonitorNode): Check {
  return check(
    'primary-reports',
    primary.reportAgeSeconds <= silentSeconds && primary.assignedState === 'primary',
    `the keeper of ${primary.name} reports, so that it can be told to stop`,
    primary.assignedState === 'primary'
      ? describe(primary, 0)
      : `${describe(primary, 0)}: the monitor refuses while it is not primary (R13)`,
  );
}

const silentSeconds = 10;

function plan(situation: Situation) {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading);
  const step = onMonitor(situation, ['perform', 'failover', '--formation', situation.snapshot.cluster.formation]);
  return {
    meaning: [
      `${primary?.name ?? 'the primary'} is told to stop, the best standby becomes the primary`,
      'when the old primary answers it takes about 3 s; when its Postgres does not, up to 30 s more',
    ],
    steps: step === undefined ? [] : [{...step, tolerates: performTimesOut}],
    confirmation: primary?.name ?? '',
    usualSeconds: 3,
    budgetSeconds: 90,
  };
}
