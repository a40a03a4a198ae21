import type {MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Check, Plan, Request, Situation} from './action.ts';
import {allOf, mayChange, monitorAnswers} from './availability.ts';
import {monitorOf, placeOf} from './cluster-facts.ts';
import {docker} from './commands.ts';
import {warning, withMonitor} from './guards.ts';
import {formationIdentity} from './identity.ts';
import {containerAt} from './leaving.ts';
import {momentOf} from './moment.ts';
import {nodePlaces} from './procedure.ts';
import {type Restart, rollingGuards, rollingProgress, rollingSteps} from './rolling.ts';

/**
 * Restarts the containers of all nodes, one at a time, without losing the ability to fail over for longer than one of them takes. `--since`
 * leaves out what was started after that time, so that a restart that was interrupted goes on.
 */
export const rollingRestart: ActionKind = {
  id: 'rolling-restart',
  usage: 'rolling-restart [--since TIME]',
  title: 'Rolling restart',
  help: 'restart the containers of all nodes one after the other, the primary last',
  tier: 'service',
  of: request => ({
    kind: rollingRestart,
    request,
    title: rollingRestart.title,
    tier: 'service',
    available: situation => allOf(mayChange(situation), monitorAnswers(situation)),
    preflight: situation => withMonitor(situation, reading => guards(situation, reading, request)),
    plan: situation => plan(situation, request),
    verify: (before, now) => rollingProgress(now, restartsOf(before, request)),
    identity: formationIdentity,
  }),
};

/** Containers that were all started within so long were probably begun with by an earlier run. */
const recentMs = 2 * 3_600_000;

function guards(situation: Situation, reading: MonitorReading, request: Request): readonly Check[] {
  return [...rollingGuards(situation, reading), ...recentlyStarted(situation, request)];
}

/** What an interrupted run has done already need not be done again. */
function recentlyStarted(situation: Situation, {since}: Request): readonly Check[] {
  if (since !== undefined) return [];
  const recent = nodePlaces(situation).filter(
    ({inspected}) => inspected?.startedAt !== undefined && situation.now - inspected.startedAt < recentMs,
  );
  if (recent.length === 0 || recent.length === nodePlaces(situation).length) return [];
  const oldest = Math.min(...recent.map(({inspected}) => inspected?.startedAt ?? situation.now));
  const minutes = Math.ceil((situation.now - oldest) / 60_000);
  const names = recent.map(place => place.container).join(', ');
  const evidence = `${names}; to leave out what was restarted already: :rolling-restart --since ${minutes}m`;
  return [warning('recent', false, 'no container was started lately', evidence)];
}

function restartsOf(situation: Situation, {since}: Request): readonly Restart[] {
  const moment = since === undefined ? undefined : momentOf(since, situation.now);
  return (monitorOf(situation)?.nodes ?? [])
    .filter(node => node.assignedState !== 'dropped')
    .flatMap(node => {
      const place = placeOf(situation, node.name);
      if (place === undefined) return [];
      const first = place.inspected?.startedAt;
      const isRestarted = (now: Situation) => {
        const at = containerAt(now, place)?.startedAt;
        return at !== undefined && (moment === undefined ? at !== first : at >= moment);
      };
      const command = docker(situation, place, ['restart', '-t', '60', place.container]);
      return [{name: node.name, place, command, isRestarted}];
    });
}

function plan(situation: Situation, request: Request): Plan {
  const reading = monitorOf(situation);
  const restarts = restartsOf(situation, request);
  const time = new Date(situation.now).toISOString().slice(0, 19);
  return {
    meaning: [
      'each standby is taken out, restarted and taken back; then another node becomes the primary, and the old one follows',
      'clients see about 3 s without a writable primary; open transactions are lost then',
      `to go on after an interruption: :rolling-restart --since ${request.since ?? `${time}Z`}`,
    ],
    steps: reading === undefined ? [] : rollingSteps(situation, reading, restarts),
    confirmation: situation.snapshot.cluster.name,
    usualSeconds: 20 * restarts.length,
    budgetSeconds: 180 * Math.max(1, restarts.length),
  };
}
