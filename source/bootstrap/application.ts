import {literal} from '../actions/commands.ts';
import type {ApplicationDatabase} from '../config/configuration.ts';
import {certificateInside, sslMode} from './certificates.ts';
import type {DesiredCluster} from './desired-cluster.ts';

/** The file on each host that says how the application connects, with its password; nobody but its owner may read it. */
export const applicationFileName = 'application.env';

/** The environment that libpq, and what is built on it, connects by. */
export function applicationFile(cluster: DesiredCluster, {name, user}: ApplicationDatabase, password: string): string {
  const {nodes, settings} = cluster;
  return [
    `PGHOST=${nodes.map(node => node.address).join(',')}`,
    `PGPORT=${nodes.map(node => node.port).join(',')}`,
    `PGDATABASE=${name}`,
    `PGUSER=${user}`,
    `PGPASSWORD=${password}`,
    'PGTARGETSESSIONATTRS=read-write',
    `PGSSLMODE=${sslMode(settings.ssl)}`,
    '',
  ].join('\n');
}

/** The password in such a file. */
export function applicationPassword(text: string): string | undefined {
  return /^PGPASSWORD=([A-Za-z0-9]{16,})$/m.exec(text)?.[1];
}

/** How the application connects, whichever node is the primary; without the password. */
export function connectionLines(cluster: DesiredCluster): readonly string[] {
  const {nodes, settings} = cluster;
  const {database, folder, ssl} = settings;
  if (database === undefined) return [];
  const places = nodes.map(({address, port}) => `${address.includes(':') ? `[${address}]` : address}:${port}`);
  const parameters = `target_session_attrs=read-write&sslmode=${sslMode(ssl)}`;
  const authority = certificateInside(ssl) && [...cluster.certificates.values()][0]?.authority;
  return [
    `The application connects to postgresql://${database.user}@${places.join(',')}/${database.name}?${parameters}`,
    `  its password is in ${folder}/${applicationFileName} on each host, which only its owner reads`,
    ...(authority === undefined
      ? []
      : [`  and sslrootcert is the certificate of the authority, on the hosts ${authority}`]),
  ];
}

/**
 * Makes the user, unless it is there, and the database; one that a superuser made, as pg_autoctl does, becomes the user's own. Read by psql
 * from its input, because of the verifier.
 */
export function databaseScript({name, user}: ApplicationDatabase, verifier: string): string {
  const role = literal(user);
  const database = literal(name);
  const isSuperusers = 'datdba in (select oid from pg_roles where rolsuper)';
  return [
    `select ${literal(`create role "${user}" login password ${literal(verifier)}`)} where not exists (select from pg_roles where rolname = ${role}) \\gexec`,
    `select ${literal(`create database "${name}" owner "${user}"`)} where not exists (select from pg_database where datname = ${database}) \\gexec`,
    `select ${literal(`alter database "${name}" owner to "${user}"`)} from pg_database where datname = ${database} and ${isSuperusers} \\gexec`,
    // A base backup begins with a checkpoint that takes its time, 0.1 s for each page that is not written yet: a new database is a thousand.
    'checkpoint;',
    '',
  ].join('\n');
}
