import type {Lab} from './lab.ts';

/** How many rows of the load that were acknowledged are not in the table of a node. The load has one writer up to 100 rows a second. */
export async function lostRows(lab: Lab, host: string, container: string): Promise<number> {
  const progress = lab.loadProgress();
  if (progress === undefined) throw new Error('there was no load');
  const {first, highest, doubtful, acknowledged} = progress;
  const without = doubtful.length === 0 ? '' : ` and id not in (${doubtful.join(', ')})`;
  const sql = `select count(*) from lab_load where id > ${first} and id <= ${highest}${without}`;
  const {exitCode, stdout, stderr} = await lab.dockerExec(host, container, [
    'psql',
    '-XqAt',
    '-d',
    'postgres',
    '-c',
    sql,
  ]);
  if (exitCode !== 0) throw new Error(`the rows of the load cannot be counted: ${stderr}`);
  return acknowledged - Number(stdout);
}
