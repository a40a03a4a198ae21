import {stringify} from 'yaml';
import type {BootstrapSettings, Certificates} from './configuration.ts';
import {defaultImage} from './configuration-schema.ts';

/** A cluster as `config init` has learnt it: what goes into the file, and nothing that ssh_config says anyway. */
export type ClusterDraft = {
  name: string;
  environment: string;
  image: string;
  hosts: readonly HostDraft[];
  bootstrap?: BootstrapDraft | undefined;
};

/** What is said of a cluster that is to be made. */
export type BootstrapDraft = Pick<BootstrapSettings, 'authentication' | 'ssl' | 'numberSyncStandbys'> & {
  certificates: Certificates | undefined;
  database: {name: string; user: string} | undefined;
};

export type HostDraft = {
  name: string;
  address?: string | undefined;
  port?: number | undefined;
  user?: string | undefined;
  identityFile?: string | undefined;
  jump?: string | undefined;
  docker: readonly string[];
  node?: {container: string; port: number} | undefined;
  monitor?: {container: string; port: number} | undefined;
};

/** The text of a configuration file with one cluster, with comments for the person who opens it next. */
export function configurationText({name, environment, image, hosts, bootstrap}: ClusterDraft): string {
  return [
    '# How pgaf reaches this cluster. Written by `pgaf config init`; after a change run `pgaf config check`.',
    '# All keys: `pgaf config schema`. No secrets in here: passwords come from the environment, a command or a prompt.',
    'clusters:',
    `  - name: ${scalar(name)}`,
    ...(environment === '' ? [] : [`    environment: ${scalar(environment)}`]),
    ...(image === defaultImage ? [] : [`    image: ${scalar(image)}`]),
    '    # formation: default',
    '    # readOnly: true                 # nothing that changes the cluster can be started',
    ...(bootstrap === undefined ? [] : bootstrapLines(bootstrap)),
    '    hosts:',
    ...hosts.flatMap((host, index) => [...(index === 0 ? [] : ['']), ...hostLines(host, index === 0)]),
    '',
  ].join('\n');
}

function bootstrapLines({authentication, ssl, certificates, numberSyncStandbys, database}: BootstrapDraft): string[] {
  const flow = (of: Readonly<Record<string, string>>) =>
    `{${Object.entries(of)
      .map(([key, value]) => `${key}: ${scalar(value)}`)
      .join(', ')}}`;
  return [
    '    # What `pgaf bootstrap` makes. There is more: parameters, hba, memory, network, and volume or path of a node.',
    '    bootstrap:',
    `      authentication: ${authentication}`,
    `      ssl: ${ssl}`,
    ...(certificates === undefined ? [] : [`      certificates: ${flow(certificates)}`]),
    `      numberSyncStandbys: ${numberSyncStandbys}`,
    ...(database === undefined ? [] : [`      database: ${flow(database)}`]),
  ];
}

function hostLines(host: HostDraft, first: boolean): string[] {
  const {name, address, port, user, identityFile, jump, docker, node, monitor} = host;
  const given: [key: string, value: string | number | undefined][] = [
    ['address', address],
    ['port', port],
    ['user', user],
    ['identityFile', identityFile],
  ];
  return [
    ...(first
      ? ['      # What is not given (address, port, user, identityFile, jump, ...) is as ~/.ssh/config has it.']
      : []),
    `      - name: ${scalar(name)}`,
    ...given.filter(([, value]) => value !== undefined).map(([key, value]) => `        ${key}: ${scalar(value)}`),
    ...(jump === undefined ? [] : [`        jump: ${scalar(jump)}`]),
    ...(docker.join(' ') === 'docker' ? [] : [`        docker: [${docker.map(scalar).join(', ')}]`]),
    ...(node === undefined ? [] : [`        node: {container: ${scalar(node.container)}, port: ${node.port}}`]),
    ...(monitor === undefined
      ? []
      : [`        monitor: {container: ${scalar(monitor.container)}, port: ${monitor.port}}`]),
  ];
}

/** One value on one line, quoted where YAML needs it (inside of [] and {} as well). */
function scalar(value: string | number | undefined): string {
  const plain = stringify(value, {lineWidth: 0, blockQuote: false}).trim();
  return typeof value === 'string' && /[,[\]{}]/.test(value) && plain === value ? JSON.stringify(value) : plain;
}
