import {describe, expect, test} from 'vitest';
import {copiedFrom, parseBaseBackups, progressWords} from '../../source/bootstrap/base-backups.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';

describe('the progress of a base backup', () => {
  test('is told by the name of the node, with its rate from the second look on', () => {
    const reading = monitorReading();
    const first = parseBaseBackups(
      'pgautofailover_standby_2|10485760|104857600|streaming database files\n',
      reading,
      [],
      0,
    );
    expect(first.map(progressWords)).toEqual(['pg_node2 is copied: 10 MB of 100 MB']);
    const second = parseBaseBackups(
      'pgautofailover_standby_2|52428800|104857600|streaming database files\nsomebody|1024||streaming database files\n',
      reading,
      first,
      2,
    );
    expect(second.map(progressWords)).toEqual([
      'pg_node2 is copied: 50 MB of 100 MB, 20 MB/s',
      'somebody is copied: 1.0 kB',
    ]);
  });

  test('has no rate when it began anew, and never more than all', () => {
    const before = parseBaseBackups(
      'pgautofailover_standby_2|52428800|104857600|streaming database files',
      monitorReading(),
      [],
      0,
    );
    const again = parseBaseBackups(
      'pgautofailover_standby_2|1048576|524288|streaming database files',
      monitorReading(),
      before,
      1,
    );
    expect(again.map(progressWords)).toEqual(['pg_node2 is copied: 1.0 MB of 1.0 MB']);
  });

  test('may wait for a checkpoint first, and is said to', () => {
    const [copy] = parseBaseBackups('pgautofailover_standby_2|0||waiting for checkpoint to finish', undefined, [], 0);
    expect(copy && progressWords(copy)).toMatch(/is copied as soon as a checkpoint is complete/);
  });

  test('is asked of the node that takes writes, while another one is being made', () => {
    const first = monitorNode(1, {reportedState: 'wait_primary', assignedState: 'wait_primary'});
    const second = monitorNode(2, {reportedState: 'wait_standby', assignedState: 'catchingup'});
    expect(copiedFrom(monitorReading([first, second]))).toBe('pg_node1');
    expect(copiedFrom(monitorReading([second]))).toBeUndefined();
    expect(copiedFrom(monitorReading())).toBeUndefined();
    expect(copiedFrom(undefined)).toBeUndefined();
  });
});
