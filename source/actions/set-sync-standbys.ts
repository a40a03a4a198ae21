import type {MonitorReading} from '../cluster/snapshot.ts';
import type {ActionKind, Availability, Check, Request, Situation} from './action.ts';
import {allOf, available, mayChange, monitorAnswers, unavailable} from './availability.ts';
import {isHealthyStandby, monitorAge, monitorOf, placeOf, primaryOf, reportsNow, standbysOf} from './cluster-facts.ts';
import {literal, monitorFunction} from './commands.ts';
import {check, describe, monitorIsFresh, warning, withMonitor} from './guards.ts';
import {formationIdentity} from './identity.ts';
import {appliesWithoutWaiting, byFunction, countedButAway, primaryTakesSettings, settingApplied} from './settings.ts';

/**
 * Sets how many standbys have to acknowledge a commit, by the monitor's function. The server counts dead standbys as well, and 0 set too
 * early wedges the primary instead of freeing it (R03, R04): the guards stand here.
 */
export const setSyncStandbys: ActionKind = {
  id: 'set-sync-standbys',
  usage: 'set sync-standbys N',
  title: 'Synchronous standbys',
  help: 'how many standbys acknowledge a commit; 0: none has to when none is there',
  tier: 'reversible',
  of: request => ({
    kind: setSyncStandbys,
    request,
    title: setSyncStandbys.title,
    // Commits may be lost in a failover from then on.
    tier: request.value === '0' ? 'service' : 'reversible',
    available: situation => availability(situation, request),
    preflight: situation => withMonitor(situation, reading => guards(situation, reading, wantedOf(request))),
    plan: situation => plan(situation, request),
    verify: (_before, now) => verify(now, request),
    identity: situation => `${formationIdentity(situation)} ${presentOf(situation)}`,
    undo(before) {
      const value = presentOf(before);
      return value === undefined ? undefined : {kind: setSyncStandbys.id, request: {value: String(value)}};
    },
  }),
};

function wantedOf({value}: Request): number {
  return value === undefined || value === '' ? Number.NaN : Number(value);
}

function presentOf(situation: Situation): number | undefined {
  return monitorOf(situation)?.formation.numberSyncStandbys;
}

function availability(situation: Situation, request: Request): Availability {
  const wanted = wantedOf(request);
  const known = allOf(mayChange(situation), monitorAnswers(situation));
  if (!known.available) return known;
  if (!Number.isInteger(wanted) || wanted < 0) return unavailable('number-sync-standbys is a number from 0 up');
  return presentOf(situation) === wanted ? unavailable(`it is ${wanted} already`) : available;
}

function guards(situation: Situation, reading: MonitorReading, wanted: number): readonly Check[] {
  const primary = primaryOf(reading, 0);
  const standbys = standbysOf(reading, primary);
  return [
    monitorIsFresh(situation),
    primaryTakesSettings(situation, primary),
    ...(wanted === 0
      ? [...nobodyIsTakenForAlive(situation, reading), asynchronous()]
      : [enoughAreHealthy(situation, reading, wanted)]),
    appliesWithoutWaiting(situation, primary, standbys, wanted),
  ];
}

/** R03: what frees the writes when both standbys are lost, but only after the monitor has given them up. */
function nobodyIsTakenForAlive(situation: Situation, reading: MonitorReading): readonly Check[] {
  const primary = primaryOf(reading, 0);
  const away = countedButAway(situation, primary, standbysOf(reading, primary));
  const title = 'no standby is counted that is dead or cut off';
  if (away.length === 0) return [check('counted', true, title, 'every quorum secondary streams, or is given up')];
  const silence = reading.settings.nodeConsideredUnhealthyTimeout / 1000;
  return away.map(node =>
    check(
      `counted-${node.name}`,
      false,
      `R04: ${node.name} is dead or cut off, and still counted as secondary`,
      `${describe(node, monitorAge(situation))}; the primary would wait for it in apply_settings for ever. ` +
        (reportsNow(situation, node) && placeOf(situation, node.name)?.inspected?.state === 'running'
          ? `The monitor does not see it: :maintenance on ${node.name} first (R30)`
          : `Wait until it is assigned catchingup (${silence} s after its last report), or :maintenance on ${node.name}`),
    ),
  );
}

function asynchronous(): Check {
  return warning(
    'asynchronous',
    false,
    'commits are not acknowledged by a standby when none is there',
    'a failover can then lose what clients were told is committed; set it back as soon as two standbys are secondary (R49)',
  );
}

/** The server is content with registered ones; a dead one acknowledges nothing. */
function enoughAreHealthy(situation: Situation, reading: MonitorReading, wanted: number): Check {
  const primary = primaryOf(reading, 0);
  const quorum = standbysOf(reading, primary).filter(node => node.replicationQuorum);
  const healthy = quorum.filter(node => isHealthyStandby(situation, primary, node));
  return check(
    'healthy',
    healthy.length > wanted,
    `${wanted + 1} standbys of the quorum are healthy, so that one may fail`,
    `${healthy.length} of ${quorum.length}: ${healthy.map(node => node.name).join(', ') || 'none'}${healthy.length > wanted ? '' : '; with too few, commits wait and elections block (R06)'}`,
  );
}

function plan(situation: Situation, {value = ''}: Request) {
  const call = `set_formation_number_sync_standbys(${literal(situation.snapshot.cluster.formation)}, ${Number(value)})`;
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading, 0);
  return {
    meaning: [
      value === '0'
        ? 'commits that wait for a standby are let go; while no standby is healthy, none is waited for'
        : `every commit waits for ${value} ${value === '1' ? 'standby' : 'standbys'}; a failover needs ${Number(value) + 1} that report (R06)`,
      'nothing is interrupted',
    ],
    steps: byFunction(monitorFunction(situation, call)),
    confirmation: primary?.name ?? '',
    change: {what: 'number-sync-standbys', from: String(presentOf(situation) ?? '?'), to: value},
    usualSeconds: 2,
    budgetSeconds: 30,
  };
}

function verify(now: Situation, {value = ''}: Request) {
  const present = presentOf(now);
  return settingApplied(now, 0, {
    holds: present === Number(value),
    message: `number-sync-standbys is ${value}`,
    otherwise: `number-sync-standbys is ${present ?? 'not known'}`,
  });
}
