import {bad, good} from '../cluster/problem.ts';
import type {ClusterConfiguration} from '../config/configuration.ts';
import type {PromptAnswer, PromptCommand} from '../console/prompt.ts';
import {commands as faultCommands} from '../simulator/command.ts';
import type {Request} from '../simulator/embedded/message.ts';
import type {EmbeddedThread} from '../simulator/embedded/start-thread.ts';
import {scenarios} from '../simulator/scenarios.ts';
import {mostSpeed} from './arguments.ts';
import {findScenario, scenarioList} from './find-scenario.ts';

/** What the prompt of a console on an embedded cluster offers beside its own commands. */
export function demoCommands({
  ask,
  configuration,
}: Pick<EmbeddedThread, 'ask' | 'configuration'>): readonly PromptCommand[] {
  return [
    scenarioCommand(ask),
    faultCommand(ask, faultCommands, configuration),
    ...timeCommands(ask),
    truthCommand(ask),
  ];
}

/** The same for a drill: what would give the answer away, or spare the work, is not there. */
export function drillCommands(
  {ask, configuration}: Pick<EmbeddedThread, 'ask' | 'configuration'>,
  codesShown: () => readonly string[],
  done: () => Promise<PromptAnswer>,
): readonly PromptCommand[] {
  const faults = faultCommands.filter(command => command.name !== 'repair');
  return [
    {
      name: 'diagnose',
      parameters: '[CODE]',
      help: 'name the cause: the code of the finding that says it',
      complete: before => (before.length === 0 ? codesShown() : []),
      run: ([code]) =>
        code === undefined
          ? bad('configuration', 'which finding is the cause?', {
              remedy: `:diagnose ${codesShown().join(' | ') || 'CODE'}`,
            })
          : answerOf(ask, {ask: 'diagnose', code}),
    },
    {name: 'done', parameters: '', help: 'end the drill and see the score', run: done},
    faultCommand(ask, faults, configuration),
    ...timeCommands(ask),
  ];
}

function scenarioCommand(ask: EmbeddedThread['ask']): PromptCommand {
  return {
    name: 'scenario',
    parameters: '[NAME|FILE]',
    help: 'play one, from a healthy cluster on; alone: list them',
    complete: before => (before.length === 0 ? scenarios.map(scenario => scenario.name) : []),
    async run([name]) {
      if (name === undefined) return good({page: {title: 'Scenarios', lines: scenarioList()}});
      const scenario = await findScenario(name);
      if (!scenario.ok) return bad('configuration', scenario.problem.message);
      return answerOf(ask, {ask: 'scenario', scenario: scenario.value});
    },
  };
}

function faultCommand(
  ask: EmbeddedThread['ask'],
  faults: typeof faultCommands,
  cluster: ClusterConfiguration,
): PromptCommand {
  const names = faults.map(fault => fault.name);
  return {
    name: 'fault',
    parameters: '[WORDS...]',
    help: 'do something to a machine or the network, as poweroff vm1; alone: list what',
    complete: ([name, ...before]) => (name === undefined ? names : placesFor(name, before.length, cluster)),
    async run(words) {
      if (words.length > 0) return answerOf(ask, {ask: 'command', line: words.join(' ')});
      const usage = faults.map(({name, parameters}) => `${name} ${parameters}`.trim());
      const width = Math.max(...usage.map(text => text.length));
      const lines = faults.map(({effect}, index) => `${(usage[index] ?? '').padEnd(width)}  ${effect}`);
      return good({page: {title: 'What can happen', lines}});
    },
  };
}

/** What a parameter of a fault may be, where the cluster itself says it. */
function placesFor(name: string, position: number, {hosts}: ClusterConfiguration): readonly string[] {
  const parameters = faultCommands.find(command => command.name === name)?.parameters.split(' ') ?? [];
  const parameter = (parameters[position] ?? '').replaceAll(/[[\]]/g, '');
  if (parameter === 'HOST') return hosts.map(host => host.name);
  const nodes = hosts.flatMap(host => (host.node === undefined ? [] : [host.node.container]));
  if (parameter === 'NODE') return nodes;
  const monitors = hosts.flatMap(host => (host.monitor === undefined ? [] : [host.monitor.container]));
  if (parameter === 'CONTAINER') return [...nodes, ...monitors];
  return parameter.includes('|') ? parameter.split('|') : [];
}

function timeCommands(ask: EmbeddedThread['ask']): readonly PromptCommand[] {
  return [
    {
      name: 'speed',
      parameters: 'N',
      help: 'simulated seconds a second',
      complete: before => (before.length === 0 ? ['1', '2', '5', '10'] : []),
      run([text = '']) {
        const speed = Number(text);
        if (!(speed > 0 && speed <= mostSpeed)) {
          return bad('configuration', `a speed is a number above 0, ${mostSpeed} at most; :pause stands still`);
        }
        return answerOf(ask, {ask: 'speed', speed});
      },
    },
    {
      name: 'pause',
      parameters: '',
      help: 'let time stand still, and go on',
      run: () => answerOf(ask, {ask: 'pause'}),
    },
    {
      name: 'step',
      parameters: '[SECONDS]',
      help: 'let that much simulated time pass at once; 1 s unless given',
      run([text = '1']) {
        const seconds = Number(text);
        if (!(seconds > 0 && seconds <= 3600)) return bad('configuration', 'a step is above 0 s, an hour at most');
        return answerOf(ask, {ask: 'step', seconds});
      },
    },
  ];
}

function truthCommand(ask: EmbeddedThread['ask']): PromptCommand {
  return {
    name: 'truth',
    parameters: '',
    help: 'what is really so in the simulated cluster',
    async run() {
      const answer = await ask({ask: 'truth'});
      return answer.ok ? good({page: {title: 'The truth', lines: answer.value.lines}}) : answer;
    },
  };
}

async function answerOf(ask: EmbeddedThread['ask'], request: Request): Promise<PromptAnswer> {
  const answer = await ask(request);
  return answer.ok ? good({text: answer.value.text}) : answer;
}
