import {renameSync, writeFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {waitUntil} from './wait.ts';

// The process behind `fault load`: load-writer.ts PROGRESS-FILE TPS PORT ADDRESS... It runs until it is killed.
const [progressFile = '', rate = '1', port = '5432', ...addresses] = process.argv.slice(2);
const perSecond = Number(rate);
// A commit that waits for a standby takes some milliseconds: one connection is good for a hundred a second.
const writers = Math.max(1, Math.min(16, Math.ceil(perSecond / 100)));

const first = Date.now() * 1000;
let number = first;
/** Written, but nobody said so: they may be there or not. */
const doubtful: number[] = [];
let acknowledged = 0;
let highest = 0;
let at = Date.now();
let problem: string | null = null;

setInterval(keepProgress, 200);
await prepareTable();
await Promise.all(Array.from({length: writers}, () => write(perSecond / writers)));

async function prepareTable(): Promise<void> {
  const statement =
    'create table if not exists lab_load (id bigint primary key, written_at timestamptz not null default now())';
  await waitUntil('the table is there', Number.POSITIVE_INFINITY, async () => {
    const client = await writableNode();
    try {
      await client.query(statement);
      return true;
    } catch (error) {
      problem = String(error);
      return false;
    } finally {
      abandon(client);
    }
  });
}

async function write(ownRate: number): Promise<never> {
  for (;;) {
    const client = await writableNode();
    let asked: number | undefined;
    try {
      let next = performance.now();
      for (;;) {
        number += 1;
        const id = number;
        asked = id;
        await client.query('insert into lab_load (id) values ($1)', [id]);
        asked = undefined;
        acknowledged += 1;
        highest = Math.max(highest, id);
        at = Date.now();
        problem = null;
        next = Math.max(next + 1000 / ownRate, performance.now() - 1000);
        if (next > performance.now()) await sleep(next - performance.now());
      }
    } catch (error) {
      problem = String(error);
      if (asked !== undefined) doubtful.push(asked);
      abandon(client);
      await sleep(100);
    }
  }
}

function writableNode(): Promise<pg.Client> {
  return waitUntil('a node takes writes', Number.POSITIVE_INFINITY, async () => {
    for (const host of addresses) {
      try {
        const client = await connect(host);
        if (await takesWrites(client)) return client;
      } catch (error) {
        problem = String(error);
      }
    }
    return undefined;
  });
}

async function takesWrites(client: pg.Client): Promise<boolean> {
  try {
    const {rows} = await client.query(
      "select 1 where not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off'",
    );
    if (rows.length === 1) return true;
  } catch (error) {
    problem = String(error);
  }
  abandon(client);
  return false;
}

/** By TLS where the server has it, as libpq does when it is not told. */
async function connect(host: string, tls = true): Promise<pg.Client> {
  const client = new pg.Client({
    ...{host, port: Number(port), user: 'docker', database: 'postgres', ssl: tls && {rejectUnauthorized: false}},
    // Only a cluster made by a bootstrap asks for it.
    password: 'load',
    ...{connectionTimeoutMillis: 2000, query_timeout: 10_000},
  });
  client.on('error', error => {
    problem = String(error);
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    abandon(client);
    if (tls && /does not support SSL/.test(String(error))) return connect(host, false);
    throw error;
  }
}

// A connection that failed once may fail again while it is closed; what matters is why it failed first.
function abandon(client: pg.Client): void {
  client.end().catch(error => {
    problem ??= String(error);
  });
}

function keepProgress(): void {
  writeFileSync(`${progressFile}.new`, JSON.stringify({first, acknowledged, highest, doubtful, at, error: problem}));
  renameSync(`${progressFile}.new`, progressFile);
}
