import {describe, expect, test} from 'vitest';
import {type DrillRecord, scoreOf, type TruthSample} from '../../../source/simulator/drill/score.ts';
import {scoreLines} from '../../../source/simulator/drill/score-text.ts';

/** A minute, second by second; `change` says what is otherwise from when on. */
function minute(change: (second: number) => Partial<TruthSample>): TruthSample[] {
  return Array.from({length: 60}, (_, index) => ({
    at: (index + 1) * 1000,
    writesPossible: true,
    redundant: true,
    lostWrites: 0,
    secondsWithoutWrites: 0,
    ...change(index + 1),
  }));
}

function record(more: Partial<DrillRecord>): DrillRecord {
  return {
    causes: ['R07', 'R05'],
    faults: [5000],
    diagnoses: [],
    moves: [],
    samples: minute(() => ({})),
    refusedSteps: [],
    healthyAt: undefined,
    ...more,
  };
}

describe('the score of a drill', () => {
  test('counts from the first fault to the first right diagnosis, and every wrong one', () => {
    const score = scoreOf(
      record({
        diagnoses: [
          {at: 9000, code: 'R99'},
          {at: 17_000, code: 'r05'},
          {at: 20_000, code: 'R07'},
        ],
        healthyAt: 35_000,
      }),
    );
    expect(score).toMatchObject({secondsToDiagnosis: 12, wrongDiagnoses: ['R99'], secondsToHealthy: 30});
  });

  test('a cause that was never named and a cluster that is not healthy have no time', () => {
    const score = scoreOf(record({samples: minute(() => ({lostWrites: 3, secondsWithoutWrites: 21}))}));
    expect(score.secondsToDiagnosis).toBeUndefined();
    expect(score.secondsToHealthy).toBeUndefined();
    expect(score).toMatchObject({writesLost: 3, secondsWithoutWrites: 21});
  });

  test('a move that was refused is a wrong one', () => {
    const move = {at: 12_000, words: 'perform_failover default 0', refused: 'another failover is in progress'};
    expect(scoreOf(record({moves: [move]})).wrongMoves).toEqual([
      {move, reason: 'refused: another failover is in progress'},
    ]);
  });

  test('a move after which writes stop for long is a wrong one; a switchover that stops them for seconds is not', () => {
    const move = {at: 20_000, words: 'docker stop pg_node2'};
    const longer = minute(second => ({writesPossible: second < 22, redundant: second < 22}));
    const shorter = minute(second => ({
      writesPossible: second < 22 || second > 26,
      redundant: second < 22 || second > 30,
    }));
    expect(scoreOf(record({moves: [move], samples: longer})).wrongMoves).toEqual([
      {move, reason: 'writes were no longer possible'},
    ]);
    expect(scoreOf(record({moves: [move], samples: shorter})).wrongMoves).toEqual([]);
  });

  test('what the scenario does right after a move is not the doing of the move', () => {
    const samples = minute(second => ({writesPossible: second < 26}));
    const moves = [{at: 20_000, words: 'docker start pg_node2'}];
    expect(scoreOf(record({moves, samples, faults: [5000, 25_000]})).wrongMoves).toEqual([]);
  });

  test('lost writes are held against the move they follow', () => {
    const samples = minute(second => ({lostWrites: second < 40 ? 0 : 17}));
    const moves = [{at: 38_000, words: 'perform_promotion default pg_node3'}];
    expect(scoreOf(record({moves, samples})).wrongMoves.map(each => each.reason)).toEqual([
      '17 acknowledged writes were lost',
    ]);
  });

  test('stands beside the best path, as text', () => {
    const score = scoreOf(record({healthyAt: 65_000, diagnoses: [{at: 15_000, code: 'R07'}]}));
    const lines = scoreLines({name: 'wedged', title: 'A switchover that does not end', causes: ['R07']}, score, score);
    expect(lines[0]).toBe('A switchover that does not end (wedged; the cause: R07)');
    expect(lines).toContain('time to the right diagnosis 10 s          10 s');
    expect(lines).toContain('time to healthy             60 s          60 s');
  });
});
