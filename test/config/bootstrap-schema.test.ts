import {describe, expect, test} from 'vitest';
import {stringify} from 'yaml';
import {bootstrapSettings} from '../../source/config/bootstrap-schema.ts';
import {defaultBootstrap} from '../../source/config/configuration.ts';
import {parseConfiguration} from '../../source/config/parse-configuration.ts';

function parsed(bootstrap: object, node: object = {}) {
  const host = {name: 'vm1', node: {container: 'pg_node1', ...node}};
  return parseConfiguration(stringify({clusters: [{name: 'orders', bootstrap, hosts: [host]}]}), 'pgaf.yaml');
}

function settings(bootstrap: object) {
  const outcome = parsed(bootstrap);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  const [cluster] = outcome.value.content.clusters;
  return cluster && bootstrapSettings(cluster.bootstrap);
}

describe('the bootstrap section', () => {
  test('may be left out', () => {
    expect(settings({})).toEqual(defaultBootstrap);
  });

  test('gives parameters as PostgreSQL writes them, and an application from the network of the VMs', () => {
    const parameters = {shared_buffers: '1GB', max_connections: 200, jit: false, 'auto_explain.log_analyze': true};
    expect(settings({parameters, database: {name: 'shop', user: 'shopper'}})).toMatchObject({
      parameters: {
        ...{shared_buffers: '1GB', max_connections: '200', jit: 'off'},
        'auto_explain.log_analyze': 'on',
      },
      database: {name: 'shop', user: 'shopper', from: ['samenet']},
    });
  });

  test.each<[string, object, RegExp]>([
    ['a parameter that pg_auto_failover sets', {parameters: {synchronous_standby_names: '*'}}, /leave it out/],
    ['one that would turn its TLS off', {parameters: {ssl: false}}, /leave it out/],
    ['what is no parameter', {parameters: {'Shared Buffers': 1}}, /such as shared_buffers/],
    ['a value of two lines', {parameters: {work_mem: '1MB\nport=1'}}, /on one line/],
    ['a local line for pg_hba.conf', {hba: ['local all all trust']}, /a line of pg_hba\.conf/],
    ['a line without a method', {hba: ['host all all 10.0.0.0/8']}, /a line of pg_hba\.conf/],
    ['two lines in one', {hba: ['host all all all md5\nhost all all all trust']}, /a line of pg_hba\.conf/],
    ['a comment in a line', {hba: ['host all all all md5 # ours']}, /a line of pg_hba\.conf/],
    ["somebody else's user", {database: {name: 'shop', user: 'pgautofailover_monitor'}}, /a plain name/],
    ['the database of everybody', {database: {name: 'postgres', user: 'shopper'}}, /a plain name/],
    ['a relative path', {certificates: {authority: 'ca.crt', certificate: '/a', key: '/b'}}, /an absolute path/],
    ['a word that is no mode', {ssl: 'verify-fully'}, /verify-full/],
  ])('has no place for %s', (_, bootstrap, words) => {
    const outcome = parsed(bootstrap);
    expect(!outcome.ok && outcome.problem.message).toMatch(words);
  });

  test.each([
    'host all all 10.0.0.0/8 md5',
    'hostssl a,b +team 10.0.0.0 255.0.0.0 scram-sha-256',
    'host all all ::1/128 cert map=x',
  ])('takes the line %s', line => {
    expect(settings({hba: [line]})).toMatchObject({hba: [line]});
  });

  test('a node has its data in one place', () => {
    expect(parsed({}, {path: '/srv/pg'}).ok).toBe(true);
    const outcome = parsed({}, {path: '/srv/pg', volume: 'pg'});
    expect(!outcome.ok && outcome.problem.message).toContain('expected one of `volume` and `path`');
  });
});
