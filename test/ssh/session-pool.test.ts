import {expect, test} from 'vitest';
import {bad} from '../../source/cluster/problem.ts';
import {askNobody} from '../../source/ssh/ask.ts';
import {connect} from '../../source/ssh/connect.ts';
import {Questions} from '../../source/ssh/questions.ts';
import {SessionPool} from '../../source/ssh/session-pool.ts';
import {closeAfterTest} from './hosts.ts';
import {startServer} from './ssh-server.ts';

test('a server that refused sessions for a while is asked for more again', async () => {
  let allowed = 1;
  const server = closeAfterTest(
    await startServer(
      context => context.accept(),
      connection => {
        let open = 0;
        connection.on('session', (accept, reject) => {
          if (open >= allowed) return reject();
          open += 1;
          accept().on('exec', acceptCommand => acceptCommand());
        });
      },
    ),
  );
  const signal = AbortSignal.timeout(20_000);
  const connection = await connect(server.settings, new Questions(askNobody), signal);
  if (!connection.ok) throw new Error(connection.problem.message);
  closeAfterTest(connection.value);
  const pool = closeAfterTest(
    new SessionPool(connection.value, () => Promise.resolve(bad('refused', 'no second connection')), 20),
  );
  expect(await pool.start('first', signal)).toMatchObject({ok: true});
  const second = pool.start('second', signal);
  allowed = 8;
  // The first has not ended: nothing is released, and only asking again can find out.
  expect(await second).toMatchObject({ok: true});
});
