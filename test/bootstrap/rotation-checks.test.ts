import {expect, test} from 'vitest';
import {rotationChecks} from '../../source/bootstrap/rotation-checks.ts';
import {hosts, madeHost, orders} from './fixtures.ts';

const old = {monitorPassword: 'oldMonitorOldMonitor', replicationPassword: 'oldReplicationOldReplication'};
const next = {monitorPassword: 'newMonitorNewMonitor', replicationPassword: 'newReplicationNewReplication'};
const asking = {...orders, settings: {...orders.settings, authentication: 'scram-sha-256' as const}};

type Case = {rotating: boolean; lost: boolean; rotate?: boolean; rebuild?: boolean};

const plain = /^`pgaf bootstrap --rotate-passwords` goes on with it$/;
const both = /^`pgaf bootstrap --rebuild-monitor` first, which gives .*; then `pgaf bootstrap --rotate-passwords`/;

test.each<[string, Case, RegExp | undefined]>([
  ['nothing of it', {rotating: false, lost: false}, undefined],
  ['new passwords are asked for', {rotating: false, lost: false, rotate: true}, undefined],
  ['of an interrupted change nothing else is made', {rotating: true, lost: false}, plain],
  ['it is gone on with', {rotating: true, lost: false, rotate: true}, undefined],
  ['a rebuild that is not needed is no way past it', {rotating: true, lost: false, rebuild: true}, plain],
  ['with a lost monitor that comes first', {rotating: true, lost: true}, both],
  ['with a lost monitor it cannot be gone on with', {rotating: true, lost: true, rotate: true}, both],
  ['a lost monitor is made anew meanwhile', {rotating: true, lost: true, rebuild: true}, undefined],
  ['one after the other', {rotating: true, lost: true, rebuild: true, rotate: true}, both],
  [
    'no new passwords without a monitor',
    {rotating: false, lost: true, rebuild: true, rotate: true},
    /^`pgaf bootstrap --rebuild-monitor` first; then `pgaf bootstrap --rotate-passwords`$/,
  ],
])('%s', (_, {rotating, lost, rotate = false, rebuild = false}, remedy) => {
  const surveys = hosts.map(host => ({...madeHost(host), secrets: rotating ? {...old, next} : old}));
  const wishes = {rotatePasswords: rotate, rebuildMonitor: rebuild};
  const checks = rotationChecks(asking, surveys, wishes, lost);
  expect(checks.map(check => check.remedy)).toEqual(remedy === undefined ? [] : [expect.stringMatching(remedy)]);
});

test('a cluster without passwords gets none', () => {
  const wishes = {rotatePasswords: true, rebuildMonitor: false};
  expect(rotationChecks(orders, hosts.map(madeHost), wishes, false).map(check => check.remedy)).toEqual([
    'leave --rotate-passwords out',
  ]);
});
