import type {Action, Check, Plan, Progress, Situation, Step} from '../actions/action.ts';
import {allOf, mayChange, monitorAnswers} from '../actions/availability.ts';
import {monitorOf, placeOf, primaryOf} from '../actions/cluster-facts.ts';
import {containerRestart} from '../actions/container-restart.ts';
import {monitorIsBack} from '../actions/container-target.ts';
import {withMonitor, worstFirst} from '../actions/guards.ts';
import {formationIdentity} from '../actions/identity.ts';
import {containerAt} from '../actions/leaving.ts';
import {both} from '../actions/procedure.ts';
import {type Restart, rollingGuards, rollingProgress, rollingSteps} from '../actions/rolling.ts';
import {bootstrapAction} from './bootstrap-action.ts';
import {composeCommand} from './compose-file.ts';
import type {DesiredCluster} from './desired-cluster.ts';
import type {HostSurvey} from './host-survey.ts';
import type {Renewal} from './renewals.ts';

/**
 * Makes containers anew, one after the other and each guarded: the monitor, then the nodes as a rolling restart does. It knows what is left
 * by the containers that it is given, so that looking at the hosts again and starting it again goes on.
 */
export function rollingChange(
  cluster: DesiredCluster,
  renewals: readonly Renewal[],
  surveys: readonly HostSurvey[],
): Action {
  return bootstrapAction(
    {
      id: 'bootstrap-rolling',
      usage: 'bootstrap --rolling',
      title: 'Rolling change',
      help: 'make containers anew that run as was described before, one after the other',
      tier: 'service',
    },
    {
      available: situation => allOf(mayChange(situation), monitorAnswers(situation)),
      preflight: situation => guards(situation, cluster, renewals),
      plan: situation => plan(situation, partsOf(situation, cluster, renewals, surveys)),
      verify: (before, now) => verify(before, now, partsOf(before, cluster, renewals, surveys)),
      identity: formationIdentity,
    },
  );
}

type Parts = {monitor: Restart | undefined; nodes: readonly Restart[]};

function partsOf(
  situation: Situation,
  cluster: DesiredCluster,
  renewals: readonly Renewal[],
  surveys: readonly HostSurvey[],
): Parts {
  const restartOf = ({host, container, id, reason}: Renewal): readonly Restart[] => {
    const place = placeOf(situation, container);
    if (place === undefined) return [];
    const compose = surveys.find(survey => survey.host === host)?.compose ?? ['docker', 'compose'];
    const argv = [...composeCommand(cluster, compose), 'up', '-d', '--no-deps', '--force-recreate', container];
    const isRestarted = (now: Situation) => {
      const is = containerAt(now, place);
      return is !== undefined && is.id !== id && is.state === 'running';
    };
    return [{name: container, place, command: {host, argv, title: `${container} anew: ${reason}`}, isRestarted}];
  };
  const isMonitor = ({container}: Renewal) => container === cluster.monitor.container;
  return {
    monitor: renewals.filter(isMonitor).flatMap(restartOf)[0],
    nodes: renewals.filter(each => !isMonitor(each)).flatMap(restartOf),
  };
}

function guards(situation: Situation, cluster: DesiredCluster, renewals: readonly Renewal[]): readonly Check[] {
  const monitor = cluster.monitor.container;
  const ofMonitor = renewals.some(({container}) => container === monitor)
    ? containerRestart.of({node: monitor}).preflight(situation)
    : [];
  const ofNodes = renewals.some(({container}) => container !== monitor)
    ? withMonitor(situation, reading => rollingGuards(situation, reading))
    : [];
  return worstFirst([...ofMonitor, ...ofNodes.filter(each => !ofMonitor.some(other => other.id === each.id))]);
}

function plan(situation: Situation, {monitor, nodes}: Parts): Plan {
  const reading = monitorOf(situation);
  const primary = reading === undefined ? undefined : primaryOf(reading)?.name;
  const switches = nodes.some(({name}) => name === primary);
  return {
    meaning: [
      ...(monitor === undefined
        ? []
        : ['the monitor is away for 10 to 30 s: writes go on, without a failover meanwhile']),
      ...(nodes.length === 0 ? [] : ['each standby is taken out, made anew and taken back']),
      ...(switches
        ? [
            'then another node becomes the primary, and the old one follows it',
            'clients see about 3 s without a writable primary; open transactions are lost then',
          ]
        : ['no switchover is needed: writes go on']),
      'to go on after an interruption: the same command',
    ],
    steps: [
      ...(monitor === undefined ? [] : [monitorStep(monitor)]),
      ...(reading === undefined ? [] : rollingSteps(situation, reading, nodes)),
    ],
    confirmation: situation.snapshot.cluster.name,
    usualSeconds: 25 * (nodes.length + 1),
    budgetSeconds: 300 * (nodes.length + 1),
  };
}

function monitorStep({name, command, isRestarted}: Restart): Step {
  return {
    ...command,
    holds: isRestarted,
    preflight: now => containerRestart.of({node: name}).preflight(now),
    until: (before, now) => both(started(now, name, isRestarted), () => monitorIsBack(before, now)),
  };
}

function started(now: Situation, name: string, isRestarted: Restart['isRestarted']): Progress {
  return isRestarted(now)
    ? {state: 'done', message: `the container of ${name} runs`}
    : {state: 'pending', waitingFor: `the container of ${name} to start`};
}

function verify(before: Situation, now: Situation, {monitor, nodes}: Parts): Progress {
  if (monitor !== undefined && !monitor.isRestarted(now))
    return {state: 'unchanged', message: `${monitor.name} was not made anew`};
  return both(nodes.length === 0 ? monitorIsBack(before, now) : rollingProgress(now, nodes), () => ({
    state: 'done',
    message: `${[monitor, ...nodes].flatMap(each => each?.name ?? []).join(', ')}: made anew`,
  }));
}
