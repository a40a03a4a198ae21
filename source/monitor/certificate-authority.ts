import {bad, good, type Outcome} from '../cluster/problem.ts';
import {dockerExec} from '../docker/docker.ts';
import type {HostConnection} from '../ssh/host-connection.ts';

/** Reads the CA certificate that a connection string names (sslrootcert), where that string was written: in the monitor's container. */
export async function certificateAuthority(
  host: HostConnection,
  docker: readonly string[],
  container: string,
  path: string | undefined,
): Promise<Outcome<string>> {
  const remedy =
    'give the connection string an sslrootcert that exists in the container, or use sslmode=require: SSH already proves the host';
  if (path === undefined) {
    return bad('monitor-tls', 'the connection string asks to verify the monitor, and names no sslrootcert', {remedy});
  }
  const outcome = await host.run(dockerExec(docker, container, ['cat', path]), {
    deadlineMs: 5000,
    maxBytes: 1024 * 1024,
  });
  if (!outcome.ok) return outcome;
  const {exitCode, stdout, stderr} = outcome.value;
  if (exitCode === 0 && stdout.includes('-----BEGIN CERTIFICATE-----')) return good(stdout);
  return bad('monitor-tls', `the CA certificate ${path} could not be read in ${container} on ${host.name}`, {
    remedy,
    detail: stderr,
  });
}
