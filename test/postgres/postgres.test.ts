import {readFileSync, rmSync} from 'node:fs';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {current, problemOf, type Sample} from '../../source/cluster/sample.ts';
import type {PostgresReading} from '../../source/cluster/snapshot.ts';
import {type PostgresWatch, watchPostgres} from '../../source/postgres/postgres.ts';
import {type FakeDocker, fakeDocker} from '../docker/fake-docker.ts';
import {type LocalHost, openLocalHost} from '../docker/local-host.ts';

const soon = {timeout: 15_000, interval: 10};
const answer = readFileSync(new URL('../fixtures/postgres/primary.txt', import.meta.url), 'utf8')
  .trim()
  .replace(/^pgaf_answer 1 /, '');

/** psql that reads its questions and answers with a file; `error` makes it end, `silent` makes it say nothing. */
const script = `
case "$*" in
  *"id -u"*) echo '0 999 /var/lib/postgres/pgaf'; exit 0 ;;
esac
[ -s "$folder/error" ] && { cat "$folder/error" >&2; exit 2; }
[ -s "$folder/role" ] && case "$*" in *"-u 999"*) ;; *) cat "$folder/role" >&2; exit 2 ;; esac
echo start >> "$folder/starts"
while read -r word rest; do
  [ "$word" = execute ] || continue
  [ -e "$folder/silent" ] && continue
  number=\${rest#pgaf_reading(}
  number=\${number%);}
  echo "noise"
  echo "pgaf_answer 0 {}"
  echo "pgaf_answer $number $(cat "$folder/answer")"
  [ -e "$folder/once" ] && { echo 'server closed the connection unexpectedly' >&2; exit 2; }
done`;

let fake: FakeDocker;
let host: LocalHost;
let samples: Sample<PostgresReading>[] = [];
let watch: PostgresWatch | undefined;
const last = () => samples.at(-1);
const starts = () => readFileSync(fake.path('starts'), 'utf8').split('\n').length - 1;

function start(): void {
  watch = watchPostgres(
    {host, docker: fake.docker, container: 'pg_node1', port: 5432, clock: {now: Date.now, random: () => 0}},
    sample => samples.push(sample),
  );
}

beforeEach(() => {
  fake = fakeDocker(script);
  fake.write('answer', answer);
  host = openLocalHost('vm1');
  samples = [];
});

afterEach(async () => {
  watch?.close();
  await host.close();
  fake.remove();
});

describe('a data node', () => {
  test('is asked again and again by one psql', async () => {
    start();
    await vi.waitFor(() => expect(samples.length).toBeGreaterThanOrEqual(2), soon);
    expect(samples.map(sample => current(sample)?.replication.length)).toEqual(samples.map(() => 2));
    expect(last()).toMatchObject({source: 'psql pg_node1@vm1'});
    expect(starts()).toBe(1);
    watch?.refresh();
    const before = samples.length;
    await vi.waitFor(() => expect(samples.length).toBeGreaterThan(before), soon);
    expect(starts()).toBe(1);
  });

  test('that is down says so, keeps what was known, and is asked when it is back', async () => {
    start();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
    fake.write(
      'error',
      'psql: error: connection to server on socket "/x/.s.PGSQL.5432" failed: FATAL:  the database system is shutting down',
    );
    fake.write('once', '');
    await vi.waitFor(
      () => expect(problemOf(last())?.message).toBe('PostgreSQL in pg_node1 on vm1 is shutting down'),
      soon,
    );
    expect(last()).toMatchObject({last: {value: {inRecovery: false}}});
    rmSync(fake.path('once'));
    fake.write('error', '');
    watch?.refresh();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
  });

  test('that stops answering is said to, and psql is started anew', {timeout: 30_000}, async () => {
    start();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
    fake.write('silent', '');
    await vi.waitFor(
      () =>
        expect(problemOf(last())).toMatchObject({
          kind: 'timeout',
          message: expect.stringContaining('has not answered'),
        }),
      soon,
    );
    await vi.waitFor(() => expect(starts()).toBeGreaterThanOrEqual(2), soon);
  });

  test('in a container that runs as root is asked as the owner of PGDATA', async () => {
    fake.write(
      'role',
      'psql: error: connection to server on socket "/x/.s.PGSQL.5432" failed: FATAL:  role "root" does not exist\n',
    );
    start();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
    expect(host.ran.at(-1)).toEqual(expect.arrayContaining(['-u', '999']));
  });

  test('of a lost host is reported in the words of its connection, and asked at once when the host is back', async () => {
    start();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
    host.cut({kind: 'timeout', message: 'vm1 has not answered for 6 s'});
    await vi.waitFor(() => expect(problemOf(last())?.message).toBe('vm1 has not answered for 6 s'), soon);
    host.mend();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
  });

  test('is left in peace after close: psql ends, and no sample comes any more', async () => {
    start();
    await vi.waitFor(() => expect(current(last())).toBeDefined(), soon);
    watch?.close();
    const before = samples.length;
    await vi.waitFor(() => expect(host.alive()).toBe(0), soon);
    expect(samples).toHaveLength(before);
  });
});
