import {describe, expect, it} from 'vitest';
import {isHarmless} from '../../source/actions/harmless-output.ts';

describe('noise of pg_autoctl 2.0 around an action', () => {
  it.each([
    `14:48:28 15810 ERROR Monitor ERROR:  invalid input syntax for type integer: ""`,
    `14:48:28 15810 ERROR Monitor CONTEXT:  unnamed portal parameter $2 = ''`,
    `14:48:28 15810 ERROR SQL query: SELECT * FROM pgautofailover.get_nodes($1, $2) ORDER BY node_id`,
    `14:48:28 15810 ERROR SQL params: 'default', ''`,
    `14:48:28 15810 ERROR Failed to get other nodes from the monitor while running "SELECT * FROM pgautofailover.get_nodes($1, $2)"`,
    `14:48:28 15810 WARN  Failed to get_nodes() on the monitor`,
  ])('is known: %s', line => {
    expect(isHarmless(line)).toBe(true);
  });

  it.each([
    `14:48:28 15810 ERROR Monitor ERROR:  couldn't find the primary node in formation "default", group 0`,
    '14:48:28 15810 ERROR Failed to wait until a new primary has been notified',
    `14:48:28 15810 ERROR SQL params: 'default', '0'`,
  ])('is nothing else: %s', line => {
    expect(isHarmless(line)).toBe(false);
  });
});
