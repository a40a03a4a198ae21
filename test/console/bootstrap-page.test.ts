import {expect, onTestFinished, test} from 'vitest';
import {bootstrapPage} from '../../source/console/bootstrap-page.ts';
import {collect} from '../../source/console/collect.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {startEmbedded} from '../simulator/embedded/start-embedded.ts';

test('the page of a bootstrap says whether the hosts have the image, can pull it, or get it from this machine', async () => {
  const thread = await startEmbedded();
  onTestFinished(() => thread.close());
  const collector = collect(thread.configuration, {
    ...{now: Date.now, random: Math.random},
    ...{ask: askNobody, readOnly: false},
  });
  onTestFinished(() => collector.close());
  const ownDocker = {architectureOf: async (image: string) => (image.endsWith(':here') ? 'amd64' : undefined)};
  const surroundings = {host: collector.host, monitor: undefined, hosts: [], now: Date.now};
  const linesWith = async (image: string) => {
    const page = await bootstrapPage({...thread.configuration, image}, surroundings, ownDocker);
    return page.ok ? page.value.lines.join('\n') : page.problem.message;
  };
  expect(await linesWith('citusdata/pg_auto_failover:15')).toMatch(
    /✔ +✔ +✔ +the image citusdata\/pg_auto_failover:15 is there/,
  );
  expect(await linesWith('citusdata/pg_auto_failover:nope')).toMatch(
    /no host has it, and it cannot be pulled: no such manifest: docker\.io\/citusdata\/pg_auto_failover:nope\n +correct `image`/,
  );
  expect(await linesWith('citusdata/pg_auto_failover:here')).toMatch(
    /vm1: take citusdata\/pg_auto_failover:here from this machine/,
  );
});
