/** The PostgreSQL of the embedded cluster, as `show server_version` has it, and as a number. */
export const serverVersion = '15.10 (Debian 15.10-1.pgdg110+1)';
export const serverVersionNumber = 150_010;
