import type {Lab} from '../lab/lab.ts';

/**
 * While `work` lasts, the container of a node is one that only runs it, as people write it by hand: on the same data, but without the gate, and
 * without creating the node when it is not registered.
 */
export async function whileItOnlyRuns(lab: Lab, node: string, work: () => Promise<void>): Promise<void> {
  const host = node.replace('pg_node', 'vm');
  const kept = node.replace('pg_node', 'pg_kept');
  const docker = async (...argv: string[]) => {
    const {exitCode, stdout, stderr} = await lab.exec(host, ['docker', ...argv], {timeout: 90_000});
    if (exitCode !== 0) throw new Error(`docker ${argv.join(' ')} on ${host}: ${stderr}`);
    return stdout.trim();
  };
  const image = await docker('inspect', '--format', '{{.Image}}', node);
  await docker('stop', '-t', '60', node);
  await docker('rename', node, kept);
  const options = ['--network', 'host', '--restart', 'unless-stopped', '--stop-timeout', '60', '--tmpfs', '/tmp'];
  const data = ['-e', 'PGDATA=/var/lib/postgres/pgaf', '--volumes-from', kept];
  try {
    await docker('run', '-d', '--name', node, ...options, ...data, image, 'pg_autoctl', 'run');
    await work();
  } finally {
    await docker('stop', '-t', '60', node);
    await docker('rm', node);
    await docker('rename', kept, node);
    await docker('start', node);
  }
}
