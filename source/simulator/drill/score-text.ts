import {duration} from '../../cluster/duration.ts';
import type {Score} from './score.ts';

/** The score of a drill beside the best that can be had, as lines of plain text. */
export function scoreLines(
  drill: {name: string; title: string; causes: readonly string[]},
  score: Score,
  best: Score | undefined,
): readonly string[] {
  const rows = [
    ['', 'you', 'best path'],
    ['time to the right diagnosis', time(score.secondsToDiagnosis, 'never'), time(best?.secondsToDiagnosis, '-')],
    ['time to healthy', time(score.secondsToHealthy, 'not healthy'), time(best?.secondsToHealthy, '-')],
    ['seconds without writes', time(score.secondsWithoutWrites, '-'), time(best?.secondsWithoutWrites, '-')],
    ['acknowledged writes lost', String(score.writesLost), best === undefined ? '-' : String(best.writesLost)],
    ['wrong diagnoses', String(score.wrongDiagnoses.length), count(best?.wrongDiagnoses)],
    ['wrong moves', String(score.wrongMoves.length), count(best?.wrongMoves)],
  ];
  const lines = rows.map(([what = '', you = '', path = '']) => `${what.padEnd(28)}${you.padEnd(14)}${path}`.trimEnd());
  return [
    `${drill.title} (${drill.name}; the cause: ${drill.causes.join(' or ')})`,
    '',
    ...lines,
    ...(score.wrongDiagnoses.length === 0 ? [] : ['', `not the cause: ${score.wrongDiagnoses.join(', ')}`]),
    ...(score.wrongMoves.length === 0 ? [] : ['']),
    ...score.wrongMoves.map(
      ({move, reason}) => `wrong move after ${duration(move.at / 1000)}: ${move.words} (${reason})`,
    ),
    ...(score.refusedSteps.length === 0 ? [] : ['']),
    ...[...new Set(score.refusedSteps)].map(reason => `a step of the scenario was refused: ${reason}`),
  ];
}

function count(list: readonly unknown[] | undefined): string {
  return list === undefined ? '-' : String(list.length);
}

function time(seconds: number | undefined, otherwise: string): string {
  return seconds === undefined ? otherwise : duration(seconds);
}
