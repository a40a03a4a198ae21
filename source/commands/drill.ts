import {bad, good, type Outcome} from '../cluster/problem.ts';
import type {RunningConsole} from '../console/console.ts';
import {sanitizeLine} from '../logs/sanitize.ts';
import {consoleCommand} from './console.ts';
import {type DemoOptions, openCluster, statusAfter, unrecorded} from './demo.ts';
import {drillCommands} from './demo-commands.ts';
import {findScenario} from './find-scenario.ts';

/**
 * `pgaf drill NAME|FILE`: something breaks in the embedded cluster, and the person finds out what and mends it. The score is shown when
 * the cluster is healthy again and the cause was named, or with `:done`, and printed at the end.
 */
export async function drill(name: string, options: DemoOptions, program: URL): Promise<Outcome<number>> {
  const scenario = await findScenario(name);
  if (!scenario.ok) return scenario;
  if (scenario.value.answer === undefined) {
    return bad('configuration', `the scenario ${scenario.value.name} names no cause, so it can not be drilled`, {
      remedy: 'give it an answer: findings and repair, as in config/scenario.example.yaml',
    });
  }
  const opening = await openCluster(options, scenario.value, true, program);
  if (!opening.ok) return opening;
  const cluster = opening.value;
  let running: RunningConsole | undefined;
  let asked: ReturnType<typeof cluster.ask> | undefined;

  const score = async () => {
    // Asked once, unless there was no answer: the drill is over then.
    asked ??= cluster.ask({ask: 'score'});
    const answer = await asked;
    if (!answer.ok) asked = undefined;
    return answer.ok ? good({page: {title: 'The score of this drill', lines: answer.value.lines}}) : answer;
  };
  const codesShown = () => [
    ...new Set(running?.store.getState().assessment.findings.map(finding => finding.code) ?? []),
  ];

  try {
    const status = await consoleCommand(cluster.configuration, {
      ...options,
      ...unrecorded(),
      commands: drillCommands(cluster, codesShown, score),
      time: cluster.time,
      ended: cluster.died,
      opened(opened) {
        running = opened;
        opened.showPage({title: 'Drill', lines: introduction(scenario.value.story)});
        cluster.listen(message => {
          if (message.say === 'notice') opened.notify(message.text, message.tone);
          if (message.say !== 'solved') return;
          void score().then(answer => {
            if (answer.ok) opened.showPage(answer.value.page);
            else opened.notify(`no score: ${answer.problem.message}`, 'warning');
          });
        });
      },
    });
    const left = await statusAfter(cluster, status);
    if (left !== 0) return good(left);
    const last = await score();
    if (!last.ok) return last;
    process.stdout.write(`${last.value.page.lines.map(sanitizeLine).join('\n')}\n`);
    return good(left);
  } finally {
    await cluster.close();
  }
}

function introduction(story: string | undefined): readonly string[] {
  return [
    ...(story === undefined ? [] : [story, '']),
    'Something breaks in a few seconds. The clock runs.',
    '',
    'Find the cause, and name the code at the end of its finding:',
    '    :diagnose CODE',
    'Mend it with the keys of the console, or as somebody on site would:',
    '    :fault poweron vm1        (:fault alone lists the words)',
    'The score comes when all is well again, or with :done.',
    '',
    'esc begins.',
  ];
}
