import {afterEach, describe, expect, it} from 'vitest';
import type {NodeState} from '../lab/cluster.ts';
import {movePrimary} from '../lab/move-primary.ts';
import {sharedLab} from '../lab/shared-lab.ts';
import {ended, runPgaf, startPgaf} from './run-pgaf.ts';
import {type StatusDocument, statusDocumentSchema} from './status-document.ts';

const lab = await sharedLab();
afterEach(async () => {
  await lab.restore();
});

async function status(): Promise<{exitCode: number | null; document: StatusDocument}> {
  const {exitCode, stdout} = await runPgaf('status', '--json', '--config', lab.configFile);
  return {exitCode, document: statusDocumentSchema.parse(JSON.parse(stdout))};
}

/** What both must say of a node. LSNs move between the two looks, so they are left out. */
function fromMonitor(nodes: readonly NodeState[]) {
  const health = {'-1': 'unknown', 0: 'bad', 1: 'good'};
  return nodes
    .map(node => ({
      name: node.nodename,
      id: node.node_id,
      host: node.nodehost,
      port: node.nodeport,
      reportedState: node.current_group_state,
      assignedState: node.assigned_group_state,
      health: health[`${node.health}` as keyof typeof health],
      candidatePriority: node.candidate_priority,
      replicationQuorum: node.replication_quorum,
    }))
    .sort((a, b) => a.id - b.id);
}

function fromStatus(document: StatusDocument) {
  return document.nodes
    .map(node => ({
      name: node.name,
      id: node.id,
      host: node.address,
      port: node.port,
      reportedState: node.reportedState,
      assignedState: node.assignedState,
      health: node.health,
      candidatePriority: node.candidatePriority,
      replicationQuorum: node.replicationQuorum,
    }))
    .sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
}

async function lastEvent(): Promise<string> {
  const [last] = await lab.monitorQuery('select coalesce(max(eventid), 0) as id from pgautofailover.event');
  return String(last?.id);
}

/** Compares as soon as the monitor said the same before and after the look of pgaf, and has recorded nothing that came and went in between. */
async function agreement(): Promise<StatusDocument> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const eventBefore = await lastEvent();
    const before = fromMonitor(await lab.showState());
    const {document} = await status();
    const after = fromMonitor(await lab.showState());
    if (JSON.stringify(before) !== JSON.stringify(after) || eventBefore !== (await lastEvent())) continue;
    expect(fromStatus(document)).toEqual(after);
    return document;
  }
  throw new Error('the monitor never stood still for one look');
}

describe('pgaf status on a real cluster', () => {
  it('agrees with pg_autoctl show state at rest, and is healthy', async () => {
    const document = await agreement();
    expect(document.verdict).toMatchObject({level: 'healthy', writable: true, toleratesFailures: 1});
    expect(document.findings.filter(finding => finding.severity !== 'info')).toEqual([]);
    expect((await status()).exitCode).toBe(0);
  });

  it('shows only states that the monitor recorded while a switchover runs', async () => {
    const before = await lab.showState();
    const watching = startPgaf('status', '--json', '--watch', '--config', lab.configFile);
    const result = ended(watching);
    const oldPrimary = before.find(node => node.current_group_state === 'primary')?.nodename;
    const last = await lastEvent();
    await lab.dockerExec('vm3', 'pg_monitor', ['pg_autoctl', 'perform', 'switchover']);
    await lab.waitFor(
      nodes =>
        nodes.some(
          node =>
            node.nodename !== oldPrimary &&
            node.current_group_state === 'primary' &&
            node.assigned_group_state === 'primary',
        ),
      60_000,
    );
    watching.kill('SIGTERM');
    const documents = (await result).stdout
      .trim()
      .split('\n')
      .map(line => statusDocumentSchema.parse(JSON.parse(line)));
    const events = await lab.monitorQuery(
      `select nodename, reportedstate::text, goalstate::text from pgautofailover.event where eventid > ${last}`,
    );
    const recorded = new Set([
      ...before.map(node => `${node.nodename} ${node.current_group_state} ${node.assigned_group_state}`),
      ...events.map(event => `${event.nodename} ${event.reportedstate} ${event.goalstate}`),
    ]);
    const shown = documents.flatMap(document =>
      document.nodes.map(node => `${node.name} ${node.reportedState} ${node.assignedState}`),
    );
    expect(shown.filter(state => !recorded.has(state))).toEqual([]);
    expect(documents.map(document => document.verdict.level)).toContain('changing');
  });

  it.each(['vm1', 'vm2', 'vm3'])(
    'never says healthy while %s is without power, says why it is missing, and is healthy again after it',
    async host => {
      await lab.fault('poweroff', host);
      const {exitCode, document} = await status();
      expect(document.verdict.level).not.toBe('healthy');
      expect(exitCode).not.toBe(0);
      const missing = document.hosts.find(each => each.name === host);
      expect(missing?.reachable).toBe(false);
      expect(missing?.error).toMatch(/vm\d/);
      if (host !== 'vm3') await agreement();
      else expect(document.monitor.reachable).toBe(false);
      await lab.restore();
      expect((await agreement()).verdict.level).toBe('healthy');
    },
  );

  it('judges from the nodes themselves when the monitor is stopped', async () => {
    await lab.fault('stop', 'pg_monitor');
    const {document} = await status();
    expect(document.monitor.reachable).toBe(false);
    expect(document.verdict.level).not.toBe('healthy');
    expect(document.verdict.writable).toBe(true);
    expect(document.monitor.error).toContain('pg_monitor');
    await lab.restore();
    expect((await agreement()).verdict.level).toBe('healthy');
  });

  it('answers, and says why, when a host drops every packet', async () => {
    await movePrimary(lab, 'pg_node1');
    await lab.fault('partition', 'vm2');
    const {document} = await status();
    expect(document.hosts.find(host => host.name === 'vm2')?.error).toMatch(/no answer/i);
    expect(document.nodes.find(node => node.name === 'pg_node3')?.lagSource).toBe('node');
    expect(document.verdict.level).not.toBe('healthy');
    await lab.restore();
    expect((await agreement()).verdict.level).toBe('healthy');
  });
});
