import {expect, test} from 'vitest';
import {matchNodes} from '../../source/cluster/match-nodes.ts';
import {host, monitorNode} from './example-cluster.ts';

const pairs = (...args: Parameters<typeof matchNodes>) =>
  matchNodes(...args).map(match => [match.row?.name ?? null, match.host?.name ?? null, match.container ?? null]);

test('a node is found on its host by address and port, whatever it is called', () => {
  expect(pairs([monitorNode(2, {name: 'orders-b'})], [host(2)])).toEqual([['orders-b', 'ubuntu24.04-2', 'pg_node2']]);
});

test('a node registered under another address is found by its name, with - for _', () => {
  const row = monitorNode(2, {name: 'pg-node2', host: '172.18.0.5'});
  expect(pairs([row], [host(1), host(2)])).toEqual([
    [null, 'ubuntu24.04-1', 'pg_node1'],
    ['pg-node2', 'ubuntu24.04-2', 'pg_node2'],
  ]);
});

test('the address wins over the name when they disagree', () => {
  const rows = [monitorNode(1, {name: 'pg_node2'}), monitorNode(2, {name: 'pg_node1'})];
  expect(pairs(rows, [host(1), host(2)])).toEqual([
    ['pg_node2', 'ubuntu24.04-1', 'pg_node1'],
    ['pg_node1', 'ubuntu24.04-2', 'pg_node2'],
  ]);
});

test('a published port that differs from the configured one does not hide the node', () => {
  expect(pairs([monitorNode(1, {name: 'a', port: 6543})], [host(1)])).toEqual([['a', 'ubuntu24.04-1', 'pg_node1']]);
});

test('nodes come in the order of the configuration, then those only the monitor knows', () => {
  const rows = [monitorNode(9, {host: '10.9.9.9'}), monitorNode(2), monitorNode(1)];
  expect(pairs(rows, [host(1), host(2), host(3)])).toEqual([
    ['pg_node1', 'ubuntu24.04-1', 'pg_node1'],
    ['pg_node2', 'ubuntu24.04-2', 'pg_node2'],
    [null, 'ubuntu24.04-3', 'pg_node3'],
    ['pg_node9', null, null],
  ]);
});

test('two rows never share a configured node', () => {
  const rows = [monitorNode(3), monitorNode(11, {name: 'pg_node3', host: '10.0.0.13', port: 5433})];
  expect(pairs(rows, [host(3)])).toEqual([
    ['pg_node3', 'ubuntu24.04-3', 'pg_node3'],
    ['pg_node3', 'ubuntu24.04-3', null],
  ]);
});
