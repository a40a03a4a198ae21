import {shownCommand} from '../ssh/quote.ts';
import {titleOf} from './apply.ts';
import type {HostCheck} from './host-check.ts';
import type {BootstrapPlan, BootstrapStep} from './plan.ts';

const marks = {pass: '✔', warn: '!', fail: '✖'} as const;

/** A row a check, a column a host before it, so that long words break no column; and below it what is wrong, with its remedy. */
export function checkLines(checks: readonly HostCheck[], hosts: readonly string[]): readonly string[] {
  const titles = [...new Set(checks.map(check => check.title))];
  const cell = (text: string, host: string) => text.padEnd(Math.max(host.length, 4));
  const head = hosts.map(host => cell(host, host)).join('  ');
  const rows = titles.map(title => {
    const cells = hosts.map(host => {
      const check = checks.find(each => each.host === host && each.title === title);
      return cell(check === undefined ? '' : marks[check.result], host);
    });
    return `${cells.join('  ')}  ${title}`;
  });
  const wrong = checks.filter(check => check.result !== 'pass');
  return [
    head.trimEnd(),
    ...rows,
    ...wrong.flatMap(({host, title, result, evidence, remedy}) => [
      `${marks[result]} ${host}: ${title}: ${evidence}`,
      ...(remedy === undefined ? [] : [`  ${remedy}`]),
    ]),
  ];
}

/** Of a plan without steps. */
export function nothingToDo({renewals, drift}: BootstrapPlan): string {
  if (renewals.length > 0)
    return 'Nothing to make; what is listed takes effect when its container is made anew: `pgaf bootstrap --rolling`.';
  return drift.length === 0
    ? 'Nothing to do: the cluster is as the configuration describes it.'
    : 'Nothing to make; what is otherwise than described is listed with what mends it.';
}

/**
 * What is there, what would be made and how, and which containers have to be made anew for it to
 * take effect, and what is otherwise than described.
 */
export function planLines({exists, steps, renewals, drift}: BootstrapPlan): readonly string[] {
  return [
    ...exists.map(what => `  = ${what}`),
    ...steps.flatMap((step, index) => [
      `  ${step.kind === 'file' && step.before !== undefined ? '~' : '+'} ${titleOf(step)}`,
      ...detailLines(step, steps.slice(0, index)),
    ]),
    ...renewals.map(({host, container, reason}) => `  ! ${host}: ${container} has to be made anew: ${reason}`),
    ...drift.map(line => `  ? ${line}`),
  ];
}

/** A file that was shown for another host is not shown again. */
function detailLines(step: BootstrapStep, before: readonly BootstrapStep[]): readonly string[] {
  if (step.kind === 'file') {
    const same = before.find(
      each => each.kind === 'file' && each.content === step.content && each.before === step.before,
    );
    return same === undefined ? differenceLines(step.before, step.content) : [`      the same as on ${same.host}`];
  }
  if (!('argv' in step)) return [];
  const input = step.kind === 'server' ? step.input.split('\n').filter(line => line !== '') : [];
  return [`      ${shownCommand(step.argv)}`, ...input.map(line => `      + ${line}`)];
}

/** The lines that go and those that come, in their order; a file that is new whole. */
function differenceLines(before: string | undefined, after: string): readonly string[] {
  const old = (before ?? '').split('\n').filter(line => line !== '');
  const wanted = after.split('\n').filter(line => line !== '');
  if (before === undefined) return wanted.map(line => `      + ${line}`);
  return [
    ...old.filter(line => !wanted.includes(line)).map(line => `      - ${line}`),
    ...wanted.filter(line => !old.includes(line)).map(line => `      + ${line}`),
  ];
}
