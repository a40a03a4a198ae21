import {type Lsn, parseLsn} from '../cluster/lsn.ts';
import type {ReplicationRow} from '../cluster/snapshot.ts';
import {routeBetween} from './network.ts';
import type {DataNode, Simulation} from './simulation.ts';
import {lsnText} from './tables.ts';
import {copiesFrom} from './transition.ts';
import {bytesPerTransaction, settle, streamsOf} from './wal.ts';
import type {PostgresView} from './world.ts';

/** What a look of psql inside the node's container shows. */
export function postgresView(simulation: Simulation, node: DataNode): PostgresView {
  settle(simulation, node.group);
  const {postgres, host} = node;
  const now = simulation.engine.now();
  const primary = !postgres.standby;
  const connected = postgres.stream !== undefined;
  const replicationSlots = slotsOf(simulation, node);
  return {
    inRecovery: postgres.standby,
    readOnly: postgres.readOnly,
    timeline: postgres.branch.timeline,
    systemIdentifier: postgres.systemIdentifier,
    currentLsn: primary ? lsnOf(postgres.lsn) : undefined,
    flushLsn: primary ? lsnOf(postgres.lsn) : undefined,
    receiveLsn: primary ? undefined : lsnOf(postgres.lsn),
    replayLsn: primary ? undefined : lsnOf(postgres.replayed),
    replayAgeSeconds: primary ? undefined : Math.max(0, (now - postgres.lastCommitAt) / 1000),
    replayPaused: false,
    receiverStatus: !primary && connected ? 'streaming' : undefined,
    receiverHost: !primary && connected ? postgres.stream?.from.host.address : undefined,
    synchronousStandbyNames: postgres.standbyNames,
    replication: streamsOf(node).map(standby => replicationRow(simulation, node, standby)),
    waitingForSyncRep: postgres.waiting,
    // Nobody but the console and the keeper has a session on a simulated server.
    activity: {
      oldestTransactionSeconds: undefined,
      baseBackups: node.group.nodes.filter(other => copiesFrom(simulation, other) === node).length,
    },
    serverTime: now + host.clockSkew,
    startedAt: postgres.startedAt + host.clockSkew,
    port: node.port,
    dataDirectory: '/var/lib/postgres/pgaf',
    slots: replicationSlots.map(({restartLsn, walStatus, ...slot}) => slot),
    replicationSlots,
  };
}

/** Why psql finds no server. */
export function psqlError(node: DataNode): string {
  return (
    `psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.${node.port}" failed: No such file or directory\n` +
    '\tIs the server running locally and accepting connections on that socket?'
  );
}

function replicationRow(simulation: Simulation, node: DataNode, standby: DataNode): ReplicationRow {
  const {postgres} = node;
  const stream = standby.postgres.stream ?? standby.postgres.ghost;
  const id = standby.state?.nodeId ?? 0;
  const lag = (position: number) => Math.max(0, Math.floor(postgres.lsn) - Math.floor(position));
  const rate = simulation.transactionsPerSecond * bytesPerTransaction;
  const wire = stream?.stalledAt === undefined ? (simulation.engine.now() % 7) / 10_000 + 0.0004 : undefined;
  // Measured as PostgreSQL does: not known while the connection is idle.
  const seconds = (bytes: number) =>
    rate === 0 || wire === undefined ? undefined : wire + host(standby) / 1000 + bytes / rate;
  return {
    applicationName: `pgautofailover_standby_${id}`,
    clientAddress: standby.host.address,
    nodeId: id,
    state: stream?.catchingUp === true ? 'catchup' : 'streaming',
    syncState: postgres.synchronous.has(id) ? 'quorum' : 'async',
    sentLagBytes: stream?.stalledAt === undefined ? 0 : lag(standby.postgres.lsn),
    writeLagBytes: lag(standby.postgres.lsn),
    flushLagBytes: lag(standby.postgres.lsn),
    replayLagBytes: lag(standby.postgres.replayed),
    writeLagSeconds: seconds(lag(standby.postgres.lsn)),
    flushLagSeconds: seconds(lag(standby.postgres.lsn)),
    replayLagSeconds: seconds(lag(standby.postgres.replayed)),
  };
}

function host(standby: DataNode): number {
  return standby.host.delay;
}

function slotsOf(simulation: Simulation, node: DataNode): PostgresView['replicationSlots'] {
  const rows = simulation.monitor.database.group(node.formation, node.group.number);
  return rows
    .filter(row => row.nodeid !== node.state?.nodeId)
    .map(row => {
      const standby = node.group.nodes.find(other => other.state?.nodeId === row.nodeid);
      const restartLsn = Math.floor(Math.min(standby?.postgres.lsn ?? node.postgres.lsn, node.postgres.lsn));
      return {
        name: `pgautofailover_standby_${row.nodeid}`,
        nodeId: row.nodeid,
        active: standby?.postgres.stream?.from === node && routeBetween(simulation, node, standby) === 'open',
        restartLsn,
        walStatus: 'reserved',
        retainedBytes: Math.max(0, Math.floor(node.postgres.lsn) - restartLsn),
      };
    });
}

function lsnOf(bytes: number): Lsn | undefined {
  return parseLsn(lsnText(Math.floor(bytes)));
}
