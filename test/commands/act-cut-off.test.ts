import {expect, test} from 'vitest';
import type {ActionKind, Situation} from '../../source/actions/action.ts';
import {switchover} from '../../source/actions/switchover.ts';
import {good} from '../../source/cluster/problem.ts';
import {act} from '../../source/commands/act.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {embeddedCluster} from './embedded-cluster.ts';

/** The same action, given up sooner. */
function withBudget(kind: ActionKind, budgetSeconds: number): ActionKind {
  return {
    ...kind,
    of(request) {
      const action = kind.of(request);
      return {...action, plan: (situation: Situation) => ({...action.plan(situation), budgetSeconds})};
    },
  };
}

test('the connection cut in mid-flight: not known, exit status 3, when the budget of the action is over', async () => {
  const {thread} = await embeddedCluster();
  const {configuration} = thread;
  const hosts = configuration.hosts.map(host => ({
    ...host,
    ssh: {...host.ssh, timing: {keepaliveMs: 200, keepaliveMisses: 3}},
  }));
  const written = {stdout: '', stderr: ''};
  let cut: Promise<unknown> | undefined;
  const exitStatus = await act(
    {...configuration, hosts},
    {kind: withBudget(switchover, 3), request: {}},
    {dryRun: false, yes: true, force: false, json: true, readOnly: false},
    {
      stdout(text) {
        written.stdout += text;
      },
      stderr(text) {
        written.stderr += text;
        if (/primary -> draining/.test(written.stderr)) cut ??= thread.ask({ask: 'command', line: 'partition vm3'});
      },
      ask: askNobody,
      signal: new AbortController().signal,
      sleep: () => Promise.resolve(),
    },
    {
      operator: {user: 'ann', sudoUser: undefined, machine: 'bastion', sshConnection: undefined},
      record: () => good(undefined),
    },
  );
  expect(await cut).toMatchObject({ok: true});
  expect(exitStatus).toBe(3);
  expect(written.stderr).toContain('it may still be under way');
  expect(JSON.parse(written.stdout)).toMatchObject({
    outcome: 'unknown',
    steps: [{state: 'unknown', exitCode: null}],
  });
});
