/** Who holds a lock of two keys (pg_locks: objsubid 2; the second key is unsigned there). Another role's address and times are not shown. */
export const lockHolderQuery = `
  select a.application_name, host(a.client_addr) as client_address,
         extract(epoch from clock_timestamp() - a.backend_start)::float8 as seconds
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
   where l.locktype = 'advisory' and l.granted and l.objsubid = 2
     and l.database = (select oid from pg_database where datname = current_database())
     and l.classid = $1::int::oid and l.objid = (hashtext($2)::int8 & 4294967295)::oid`;
