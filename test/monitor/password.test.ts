import {afterEach, expect, test, vi} from 'vitest';
import {monitorPassword} from '../../source/monitor/password.ts';

afterEach(() => vi.unstubAllEnvs());

test('a password from the environment', async () => {
  vi.stubEnv('PGAF_TEST_PASSWORD', 'open sesame');
  expect(await monitorPassword({environment: 'PGAF_TEST_PASSWORD'})()).toEqual({ok: true, value: 'open sesame'});
  vi.stubEnv('PGAF_TEST_PASSWORD', undefined);
  expect(await monitorPassword({environment: 'PGAF_TEST_PASSWORD'})()).toMatchObject({
    ok: false,
    problem: {kind: 'configuration', message: 'the environment variable PGAF_TEST_PASSWORD is not set'},
  });
});

test('a password from a command: its first line, without a shell between', async () => {
  expect(await monitorPassword({command: ['printf', '%s\\nsecond\\n', "it's $HOME"]})()).toEqual({
    ok: true,
    value: "it's $HOME",
  });
});

test('a command that fails says why, and never what it printed', async () => {
  const failing = await monitorPassword({command: ['sh', '-c', 'echo secret; echo vault is sealed >&2; exit 3']})();
  expect(failing).toMatchObject({ok: false, problem: {message: expect.stringContaining('vault is sealed')}});
  expect(JSON.stringify(failing)).not.toContain('secret');
  expect(await monitorPassword({command: ['/nonexistent/program']})()).toMatchObject({
    ok: false,
    problem: {kind: 'configuration'},
  });
  expect(await monitorPassword({command: ['true']})()).toMatchObject({
    ok: false,
    problem: {message: expect.stringContaining('printed nothing')},
  });
});
