import * as z from 'zod';
import {bootstrapSchema, certificatesSchema, hostPath} from './bootstrap-schema.ts';

/** What ssh takes as a destination; never an option, never something a shell could read. */
export const hostNamePattern = /^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/;

/** Docker's own rule for the names of containers. */
export const containerNamePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** The image that is assumed where the file names none. */
export const defaultImage = 'citusdata/pg_auto_failover:15';

/**
 * The configuration file as a person writes it: the one description that validation, the JSON Schema for editors and `pgaf config schema`
 * come out of. Unknown keys are mistakes.
 */
export const configurationSchema = z
  .strictObject({
    clusters: z.array(cluster()).min(1).describe('The clusters that pgaf may look at; --cluster NAME picks one.'),
  })
  .meta({
    title: 'pgaf configuration',
    description: 'How pgaf reaches a PostgreSQL cluster run by pg_auto_failover in Docker on a few VMs.',
  });

/** The file's content once it is known to be valid, defaults filled in. */
export type ConfigurationFile = z.output<typeof configurationSchema>;
export type ClusterEntry = ConfigurationFile['clusters'][number];
export type HostEntry = ClusterEntry['hosts'][number];

/** The JSON Schema (draft 7, what editors' YAML servers read) of the file. */
export function configurationJsonSchema(): Record<string, unknown> {
  return {...z.toJSONSchema(configurationSchema, {target: 'draft-7', io: 'input'})};
}

/** The same as text: what config/cluster.schema.json holds and `pgaf config schema` prints. */
export function configurationSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
}

function cluster() {
  return z.strictObject({
    name: z.string().min(1).describe('Shown in the header; what --cluster takes.'),
    environment: z
      .string()
      .min(1)
      .optional()
      .describe('For example production, staging. production asks for typed confirmations.'),
    formation: z
      .string()
      .min(1)
      .default('default')
      .describe('The formation of pg_auto_failover; --formation overrides it.'),
    image: z.string().min(1).default(defaultImage).describe('The image that the containers of the cluster run.'),
    readOnly: z.boolean().default(false).describe('true: nothing that changes the cluster can be started.'),
    bootstrap: bootstrapSchema().prefault({}).describe('How `pgaf bootstrap` makes the cluster.'),
    hosts: z.array(host()).min(1).describe('The VMs of the cluster.'),
    actions: z
      .array(action())
      .default([])
      .describe('Commands of your own, shown and confirmed like the actions of pgaf.'),
  });
}

function host() {
  return z.strictObject({
    name: hostName().describe('The name ssh knows it by: an alias of ~/.ssh/config, a DNS name or an address.'),
    address: hostName()
      .optional()
      .describe('DNS name or IP address to connect to. Default: HostName of ssh_config, else the name.'),
    port: port().optional().describe('Port of sshd. Default: ssh_config, else 22.'),
    user: z.string().min(1).optional().describe('User to log in as. Default: ssh_config, else the local user.'),
    identityFile: oneOrMore()
      .optional()
      .describe(
        'Private key, or several. Relative to this file; ~ is your home. Default: ssh_config, else ~/.ssh/id_*.',
      ),
    identitiesOnly: z
      .boolean()
      .optional()
      .describe('true: offer these keys only, not all of the agent. Default: ssh_config.'),
    knownHostsFile: oneOrMore()
      .optional()
      .describe('known_hosts to verify the host key with, or several. Relative to this file. Default: ssh_config.'),
    jump: oneOrMore()
      .optional()
      .describe(
        'Jump hosts, nearest first, each [user@]host[:port], an alias of ssh_config or another host of this cluster; none for none. Default: ProxyJump of ssh_config.',
      ),
    docker: z
      .array(z.string().min(1))
      .min(1)
      .default(['docker'])
      .describe('How docker is called there: [docker], [sudo, -n, docker], [podman].'),
    node: node().optional().describe('The data node on this host.'),
    monitor: monitor().optional().describe('The monitor, when it is on this host.'),
    certificates: certificatesSchema()
      .partial()
      .optional()
      .describe('For the bootstrap: certificates that are elsewhere on this host than bootstrap.certificates says.'),
  });
}

function action() {
  return z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, {error: 'expected a word in lower case, such as analyze'})
      .describe('What is typed after `:` and after `pgaf`.'),
    key: z
      .string()
      .regex(/^[A-Z]$/, {error: 'expected one capital letter'})
      .optional()
      .describe('The key that starts it for the selected node: a capital letter that is free.'),
    help: z.string().min(1).default('an action of your own').describe('One line.'),
    tier: z
      .enum(['read', 'reversible', 'service', 'destructive'])
      .default('service')
      .describe('How it is confirmed: read asks nothing, destructive asks for cluster/node.'),
    argv: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        'The command, a word an entry, run on the host of the node: {host}, {container} and {node} are filled in.',
      ),
  });
}

function node() {
  return onePlace(
    z.strictObject({
      container: containerName(),
      port: port().default(5432).describe('Port of PostgreSQL.'),
      candidatePriority: z.int().min(0).max(100).optional().describe('For the bootstrap. Default: 50.'),
      replicationQuorum: z.boolean().optional().describe('For the bootstrap. Default: true.'),
      ...storage(),
    }),
  );
}

function monitor() {
  return onePlace(
    z.strictObject({
      container: containerName(),
      port: port().default(5432).describe("Port of the monitor's database."),
      user: z.string().min(1).optional().describe('Default: what pg_autoctl show uri says, else autoctl_node.'),
      database: z.string().min(1).default('pg_auto_failover').describe("Name of the monitor's database."),
      sslMode: z
        .enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])
        .optional()
        .describe("libpq's sslmode. Default: what pg_autoctl show uri says, else prefer."),
      password: password()
        .optional()
        .describe('Where the password comes from, when the container does not tell. Never the password itself.'),
      ...storage(),
    }),
  );
}

function onePlace<T extends z.ZodType<{volume?: string | undefined; path?: string | undefined}>>(schema: T): T {
  return schema.refine(value => value.volume === undefined || value.path === undefined, {
    error: 'expected one of `volume` and `path`',
  });
}

function storage() {
  return {
    volume: z
      .string()
      .regex(containerNamePattern, {error: 'expected the name of a volume, such as orders_pg_node1'})
      .optional()
      .describe('For the bootstrap: the Docker volume that holds its data. Default: CLUSTER_CONTAINER.'),
    path: hostPath('/srv/pg')
      .optional()
      .describe('For the bootstrap: the folder on the host that holds its data, instead of a volume.'),
  };
}

function password() {
  return z
    .strictObject({
      environment: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
          error: 'expected the name of an environment variable, such as PGAF_MONITOR_PASSWORD',
        })
        .optional()
        .describe('Environment variable that holds it.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('Command, run on this machine, that prints it: [pass, show, pgaf/monitor].'),
    })
    .refine(value => (value.environment === undefined) !== (value.command === undefined), {
      error: 'expected one of `environment` and `command`',
    });
}

function port() {
  return z.int().min(1).max(65_535);
}

function oneOrMore() {
  return z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
}

function hostName() {
  return z.string().regex(hostNamePattern, {
    error: 'expected a host name, an IP address or an alias of ssh_config (letters, digits, `.`, `-`, `_`, `:`)',
  });
}

function containerName() {
  return z
    .string()
    .regex(containerNamePattern, {
      error: 'expected the name of a container (letters, digits, `_`, `.`, `-`), such as pg_node1',
    })
    .describe('Name of its container, as docker ps shows it.');
}
