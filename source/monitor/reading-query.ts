/**
 * One look at the monitor in one statement, so one snapshot and one round trip: $1 formation, $2 the event id to go on from (below 0:
 * the last 200 events). One column `reading`, JSON. Rows are turned into JSON whole, so that columns are found by name and a newer
 * extension's additions do no harm; ages are computed here, by the monitor's clock.
 */
export const readingQuery = `
select json_build_object(
  'version', (select extversion from pg_catalog.pg_extension where extname = 'pgautofailover'),
  'server_time', extract(epoch from clock_timestamp()) * 1000,
  'uptime', extract(epoch from clock_timestamp() - pg_postmaster_start_time()),
  'formation', (select to_json(f) from pgautofailover.formation f where f.formationid = $1::text),
  'formations', (select json_agg(f.formationid order by f.formationid) from pgautofailover.formation f),
  'synchronous_standby_names',
    case when exists (select 1 from pgautofailover.node n where n.formationid = $1::text and n.groupid = 0)
         then pgautofailover.synchronous_standby_names($1::text, 0) else '' end,
  'settings', (select json_object_agg(name, current_setting('pgautofailover.' || name, true))
                 from unnest(array['health_check_period', 'health_check_timeout', 'health_check_max_retries',
                                   'health_check_retry_delay', 'node_considered_unhealthy_timeout', 'primary_demote_timeout',
                                   'startup_grace_period', 'enable_sync_wal_log_threshold', 'promote_wal_log_threshold']) as name),
  'nodes', (select coalesce(json_agg(to_jsonb(n) || jsonb_build_object(
                'sysidentifier', n.sysidentifier::text,
                'report_age', extract(epoch from clock_timestamp() - n.reporttime),
                'health_age', extract(epoch from clock_timestamp() - n.healthchecktime),
                'state_age', extract(epoch from clock_timestamp() - n.statechangetime)) order by n.nodeid), '[]'::json)
              from pgautofailover.node n where n.formationid = $1::text),
  'last_event', (select max(e.eventid) from pgautofailover.event e),
  'events', (select coalesce(json_agg(to_jsonb(e) || jsonb_build_object(
                'at', extract(epoch from e.eventtime) * 1000) order by e.eventid), '[]'::json)
               from (select * from pgautofailover.event
                      where formationid = $1::text
                        and eventid > case when $2::bigint >= 0 then $2::bigint
                                           else coalesce((select min(r.eventid)
                                                            from (select eventid from pgautofailover.event where formationid = $1::text
                                                                   order by eventid desc limit 200) r) - 1, 0) end
                      order by eventid limit 500) e)
) as reading`;

/** How many events one read returns at most; a full page means that there are more. */
export const eventPage = 500;
