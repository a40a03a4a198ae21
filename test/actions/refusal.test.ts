import {describe, expect, it} from 'vitest';
import {refusalIn} from '../../source/actions/refusal.ts';

describe('a refusal', () => {
  it.each<[line: string, words: string, meaning: string]>([
    [
      "ERROR:  can't set replication quorum to false",
      "can't set replication quorum to false",
      'lower number-sync-standbys first',
    ],
    [
      'ERROR:  invalid value for candidate_priority "101" expected an integer value between 0 and 100',
      'invalid value for candidate_priority "101" expected an integer value between 0 and 100',
      'from 0 to 100',
    ],
    [
      'ERROR:  invalid value for number_sync_standbys: "3"',
      'invalid value for number_sync_standbys: "3"',
      'more standbys',
    ],
    [
      'ERROR:  cannot set candidate priority when current state for primary node 1 "pg_node1" (10.0.0.11:5432) is "apply_settings"',
      'cannot set candidate priority when current state for primary node 1 "pg_node1" (10.0.0.11:5432) is "apply_settings"',
      'R04',
    ],
    [
      '03:12:47 368 ERROR Monitor ERROR:  node "x" is not registered in formation "default"',
      'node "x" is not registered in formation "default"',
      'knows no node',
    ],
    [
      'Error response from daemon: No such container: pg_node9',
      'Error response from daemon: No such container: pg_node9',
      'docker knows no container',
    ],
    [
      'Error response from daemon: Container 4c01db0b339c is restarting, wait until the container is running',
      'Error response from daemon: Container 4c01db0b339c is restarting, wait until the container is running',
      'start it first',
    ],
    [
      'Error response from daemon: Container pg_node2 is paused, unpause the container before exec',
      'Error response from daemon: Container pg_node2 is paused, unpause the container before exec',
      'start it first',
    ],
    [
      'Error response from daemon: container 4c01db0b339c is not running',
      'Error response from daemon: container 4c01db0b339c is not running',
      'start it first',
    ],
  ])('is told in its own words, and in what they mean: %s', (line, words, meaning) => {
    const refusal = refusalIn(['INFO something before', line]);
    expect(refusal?.words).toBe(words);
    expect(refusal?.meaning).toContain(meaning);
  });

  it('that nobody knows is told in its own words alone', () => {
    expect(refusalIn(['03:12:47 368 FATAL Something new happened'])).toEqual({
      words: 'Something new happened',
      meaning: undefined,
    });
  });

  it('is not seen in what went well', () => {
    expect(refusalIn(['t', '03:12:47 368 INFO  Service "postgres" has been restarted with pid 379'])).toBeUndefined();
  });
});
