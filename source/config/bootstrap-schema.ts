import * as z from 'zod';
import type {ApplicationDatabase, BootstrapSettings} from './configuration.ts';
import {defaultBootstrap} from './configuration.ts';
import {isHbaLine} from './hba-line.ts';
import {isPlainName} from './plain-name.ts';
import {parameterMistake, parameterText} from './server-parameters.ts';

/** The `bootstrap` section of a cluster as a person writes it. */
export function bootstrapSchema() {
  return z.strictObject({
    folder: hostPath('/opt/pgaf')
      .default(defaultBootstrap.folder)
      .describe('Folder on each host for the Compose file and what belongs to it.'),
    numberSyncStandbys: z
      .int()
      .min(0)
      .max(16)
      .default(defaultBootstrap.numberSyncStandbys)
      .describe('number_sync_standbys of the formation.'),
    authentication: z
      .enum(['trust', 'md5', 'scram-sha-256'])
      .default(defaultBootstrap.authentication)
      .describe('--auth of pg_autoctl: what pg_hba.conf asks of connections from the local network.'),
    ssl: z
      .enum(['self-signed', 'none', 'verify-ca', 'verify-full'])
      .default(defaultBootstrap.ssl)
      .describe(
        'TLS between nodes, monitor and clients. verify-ca and verify-full use certificates of your own; verify-full also wants each to name the address of its host.',
      ),
    certificates: certificatesSchema()
      .optional()
      .describe('For verify-ca and verify-full: files that are on every host already. A host may say otherwise.'),
    network: z
      .enum(['host', 'bridge'])
      .default(defaultBootstrap.network)
      .describe(
        "host: containers have the VM's own addresses, which is what pg_auto_failover expects. bridge: ports are published; only where host networking is not allowed.",
      ),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .superRefine((parameters, context) => {
        for (const [name, value] of Object.entries(parameters)) {
          const mistake = parameterMistake(name, parameterText(value));
          if (mistake !== undefined) context.addIssue({code: 'custom', path: [name], message: mistake});
        }
      })
      .describe('Parameters of PostgreSQL on the data nodes, such as shared_buffers: 1GB; set by ALTER SYSTEM.'),
    hba: z
      .array(
        z.string().refine(isHbaLine, {
          error:
            'expected a line of pg_hba.conf: host, hostssl or hostnossl, then database, user, address and method on one line',
        }),
      )
      .default([])
      .describe("Lines for pg_hba.conf of the data nodes; they come before pg_auto_failover's own."),
    database: database()
      .optional()
      .describe(
        'A database for the application, and the user that owns it; its password is made and kept on the hosts.',
      ),
    memory: z
      .string()
      .regex(/^\d+[bkmg]$/, {error: 'expected a size as Docker takes it, such as 2g'})
      .optional()
      .describe('Memory limit of each container.'),
    patienceSeconds: z
      .int()
      .min(5)
      .max(3600)
      .default(defaultBootstrap.patienceSeconds)
      .describe('How long a container waits for the monitor, and for the primary, before it starts anyway.'),
  });
}

type BootstrapEntry = z.output<ReturnType<typeof bootstrapSchema>>;

/** What that section comes to. */
export function bootstrapSettings({
  memory,
  certificates,
  database: application,
  parameters,
  ...settings
}: BootstrapEntry): BootstrapSettings {
  return {
    ...settings,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, parameterText(value)])),
    ...(memory === undefined ? {} : {memory}),
    ...(certificates === undefined ? {} : {certificates}),
    ...(application === undefined ? {} : {database: applicationDatabase(application)}),
  };
}

/** An absolute path on a host, of characters that mean nothing to a shell or to Compose. */
export function hostPath(example: string) {
  return z.string().regex(/^\/[A-Za-z0-9_./-]+$/, {
    error: `expected an absolute path of plain characters, such as ${example}`,
  });
}

/** Where certificates are on a host. */
export function certificatesSchema() {
  return z.strictObject({
    authority: hostPath('/etc/pgaf/ca.crt').describe('Certificate of the authority that signed the others.'),
    certificate: hostPath('/etc/pgaf/server.crt').describe("The host's own certificate."),
    key: hostPath('/etc/pgaf/server.key').describe(
      'Its key, which nobody but the user of the image and root may read.',
    ),
  });
}

function database() {
  const name = () => z.string().refine(isPlainName, {error: 'expected a plain name in lower case, such as orders'});
  return z.strictObject({
    name: name().describe('Name of the database; a formation that is made with it serves it.'),
    user: name().describe('Its owner, whom the application connects as.'),
    from: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9_.:/-]+$/, {error: 'expected an address as pg_hba.conf has it, such as 10.0.0.0/8'}),
      )
      .min(1)
      .optional()
      .describe(
        'Addresses it connects from, as pg_hba.conf has them: 10.0.0.0/8. Default: the network of the VMs. With bridge it has to be said.',
      ),
  });
}

/** `samenet` of pg_hba.conf is the network of the VMs, where containers have none of their own. */
function applicationDatabase({name, user, from}: NonNullable<BootstrapEntry['database']>): ApplicationDatabase {
  return {name, user, from: from ?? ['samenet']};
}
