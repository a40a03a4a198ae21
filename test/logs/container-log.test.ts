import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {problemOf, type Sample} from '../../source/cluster/sample.ts';
import {type ContainerLog, followContainerLog, type LogLine} from '../../source/logs/container-log.ts';
import {type FakeDocker, fakeDocker} from '../docker/fake-docker.ts';
import {type LocalHost, openLocalHost} from '../docker/local-host.ts';

const soon = {timeout: 15_000, interval: 10};

/**
 * A log in two files. `logs --since T` prints the lines from that time on; with `running` there, it follows for ever. Comparing whole
 * lines as text is enough: they begin with their time.
 */
const script = `
case "$1" in
  inspect) [ -e "$folder/running" ] && echo true || echo false ;;
  logs)
    since=''
    [ -s "$folder/error" ] && { cat "$folder/error" >&2; exit 1; }
    while [ $# -gt 0 ]; do [ "$1" = --since ] && since=$2; shift; done
    awk -v since="$since" '$0 >= since' "$folder/stdout"
    awk -v since="$since" '$0 >= since' "$folder/stderr" >&2
    [ -e "$folder/half" ] && printf '2026-11-24T10:00:09.000000000Z half a li'
    [ -e "$folder/running" ] && sleep 1000
    exit 0 ;;
esac`;

const stamp = (second: number, nanoseconds = 0) =>
  `2026-11-24T10:00:${String(second).padStart(2, '0')}.${String(nanoseconds).padStart(9, '0')}Z`;

let fake: FakeDocker;
let host: LocalHost;
let log: ContainerLog | undefined;
let now = 0;
let lines: LogLine[] = [];
let state: Sample<{following: true}> | undefined;
const clock = {now: () => now, random: () => 0};
const texts = () => lines.map(line => line.text);

function follow() {
  log = followContainerLog(
    {host, docker: fake.docker, container: 'pg_node1', tail: 10, clock},
    {
      lines: batch => lines.push(...batch),
      state: next => {
        state = next;
      },
    },
  );
}

beforeEach(() => {
  fake = fakeDocker(script);
  host = openLocalHost('vm1');
  lines = [];
  state = undefined;
  now = 1_000_000;
  fake.write('running', '');
  fake.write('stdout', `${stamp(1)} out\n`);
  fake.write('stderr', `${stamp(1, 5)} \x1b[31merr\x1b[0m\n`);
});

afterEach(async () => {
  log?.close();
  await host.close();
  fake.remove();
});

describe('a followed log', () => {
  test('has both streams, their times, and no control sequences', async () => {
    follow();
    await vi.waitFor(() => expect(lines).toHaveLength(2), soon);
    const at = Date.parse('2026-11-24T10:00:01Z');
    expect(lines).toContainEqual({at, stream: 'stdout', text: 'out'});
    expect(lines).toContainEqual({at, stream: 'stderr', text: 'err'});
    expect(state).toMatchObject({value: {following: true}, source: 'docker logs pg_node1@vm1'});
    expect(host.ran[0]).toEqual([...fake.docker, 'logs', '--timestamps', '--follow', '--tail', '10', 'pg_node1']);
  });

  test('goes on after a lost connection without a line twice, marks the gap, and finishes the half line', async () => {
    fake.write('half', '');
    follow();
    await vi.waitFor(() => expect(lines).toHaveLength(2), soon);
    host.cut({kind: 'closed', message: 'vm1 closed the connection'});
    await vi.waitFor(() => expect(problemOf(state)?.message).toBe('vm1 closed the connection'), soon);
    fake.write('half', '');
    fake.write('stdout', `${stamp(1)} out\n${stamp(9)} half a line made whole\n`);
    now += 3000;
    host.mend();
    await vi.waitFor(() => expect(texts()).toContain('half a line made whole'), soon);
    expect(lines).toHaveLength(4);
    expect(texts()).toEqual(expect.arrayContaining(['out', 'err', 'reconnected after 3 s']));
    expect(lines.find(line => line.stream === 'gap')?.text).toBe('reconnected after 3 s');
  });

  test('goes on when the container starts again, and says that it stopped', async () => {
    const {rmSync} = await import('node:fs');
    rmSync(fake.path('running'));
    follow();
    await vi.waitFor(() => expect(texts()).toContain('pg_node1 stopped'), soon);
    expect(problemOf(state)).toMatchObject({kind: 'container-not-running', message: 'pg_node1 on vm1 is not running'});
    fake.write('stdout', `${stamp(1)} out\n${stamp(30)} back\n`);
    fake.write('running', '');
    now += 7000;
    log?.retryNow();
    await vi.waitFor(() => expect(texts()).toContain('back'), soon);
    expect(texts().slice(-3)).toEqual(['pg_node1 stopped', 'started again after 7 s', 'back']);
    expect(texts().filter(text => text === 'out' || text === 'err')).toHaveLength(2);
  });

  test("says what docker says when there is no such container, and takes docker's words for no line", async () => {
    fake.write('error', 'Error response from daemon: No such container: pg_node1\n');
    follow();
    await vi.waitFor(() => expect(problemOf(state)?.message).toBe('there is no container pg_node1 on vm1'), soon);
    expect(lines).toEqual([]);
  });

  test('leaves nothing running behind', async () => {
    follow();
    await vi.waitFor(() => expect(lines).toHaveLength(2), soon);
    log?.close();
    await vi.waitFor(() => expect(host.alive()).toBe(0), soon);
  });
});
