import type {StatementResult} from '../sql/table.ts';

/** A session that psql has with a server. */
export type SqlServer = {
  user: string;
  database: string;
  superuser: boolean;
  port: number;
  /** What `\l` and `\dt` show. */
  databases: readonly string[];
  relations: readonly {schema: string; name: string}[];
  run(statement: string): StatementResult;
  transaction(): 'I' | 'T' | 'E';
  /** The server went away since the session began: what psql says then. */
  lost(): string | undefined;
  end(): void;
};
