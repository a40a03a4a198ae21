import {expect, test} from 'vitest';
import {assess} from '../../source/cluster/assess.ts';
import {bad} from '../../source/cluster/problem.ts';
import {findingRows} from '../../source/screens/finding-lines.ts';
import {cutRow} from '../../source/screens/row.ts';
import {cluster, deadHost, host, now} from '../cluster/example-cluster.ts';

test('a changed host key tells its two fingerprints in a row of 80 columns, however many findings there are', () => {
  const {problem} = bad(
    'host-key-changed',
    `the host key of ubuntu24.04-2 (10.0.0.12:22) has changed: ${'x'.repeat(200)}`,
    {
      brief: 'host key changed: known SHA256:nThbg6kX…, offered uNiVztks…',
    },
  );
  const link = {error: problem, at: now - 300, source: 'test'};
  const hosts = [host(1), host(2, {link}), deadHost(3)];
  const assessment = assess(cluster({hosts}), now);
  for (const height of [2, 3, 20]) {
    const rows = findingRows(assessment, 80, height).map(row =>
      cutRow(row, 80)
        .map(span => span.text)
        .join(''),
    );
    expect(rows.filter(row => row.includes('SHA256:nThbg6kX…, offered uNiVztks…'))).toHaveLength(1);
  }
});
