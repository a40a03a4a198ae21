import {describe, expect, test} from 'vitest';
import type {HostSurvey} from '../../source/bootstrap/host-survey.ts';
import {lostNodeChecks, lostNodes} from '../../source/bootstrap/lost-nodes.ts';
import {monitorNode, monitorReading} from '../snapshots/snapshot.ts';
import {bareHost, hosts, madeHost, orders} from './fixtures.ts';

const empty = new Map([
  ['pg_node1', {exists: false, hasData: false, systemIdentifier: undefined, isOwn: false, isEmpty: true}],
]);
const full = new Map([
  ['pg_node1', {exists: true, hasData: true, systemIdentifier: '7277694203142172922', isOwn: true, isEmpty: false}],
]);
const reading = monitorReading([
  monitorNode(1, {reportedState: 'primary', assignedState: 'demoted', reportAgeSeconds: 93}),
  monitorNode(2, {reportedState: 'primary', assignedState: 'primary'}),
  monitorNode(3),
]);

function surveysWith(vm1: HostSurvey): readonly HostSurvey[] {
  return hosts.map(host => (host === 'vm1' ? vm1 : madeHost(host)));
}

describe('a node whose data is gone', () => {
  test('is named with what forgets it, and refused until somebody says so', () => {
    const surveys = surveysWith(bareHost('vm1', {volumes: empty}));
    expect(lostNodeChecks(orders, surveys, reading, undefined)).toEqual([
      expect.objectContaining({
        host: 'vm1',
        result: 'fail',
        evidence: 'there is no data of it on vm1; the monitor has it as primary -> demoted, silent for 93 s',
        remedy: expect.stringMatching(/^`pgaf bootstrap --replace pg_node1`/),
      }),
    ]);
    expect(lostNodeChecks(orders, surveys, reading, 'pg_node1').map(check => check.result)).toEqual(['pass']);
  });

  test.each<[string, HostSurvey]>([
    ['a container', madeHost('vm1')],
    ['data', bareHost('vm1', {volumes: full})],
    ['a volume that could not be looked into', bareHost('vm1', {docker: undefined})],
  ])('is none while its host has %s, and then it is not replaced either', (_, vm1) => {
    const surveys = surveysWith(vm1);
    expect(lostNodes(orders, surveys, reading)).toEqual([]);
    expect(lostNodeChecks(orders, surveys, reading, 'pg_node1')).toEqual([
      expect.objectContaining({result: 'fail', remedy: 'to copy its data anew: pgaf reclone pg_node1'}),
    ]);
  });

  test('that the monitor has forgotten already just joins', () => {
    const surveys = surveysWith(bareHost('vm1', {volumes: empty}));
    const without = monitorReading(reading.nodes.slice(1));
    expect(lostNodeChecks(orders, surveys, without, 'pg_node1').map(check => check.result)).toEqual(['pass']);
  });

  test('has to be one of the configuration', () => {
    expect(lostNodeChecks(orders, hosts.map(madeHost), reading, 'pg_node7')).toEqual([
      expect.objectContaining({result: 'fail', remedy: 'it has pg_node1, pg_node2, pg_node3'}),
    ]);
  });
});
