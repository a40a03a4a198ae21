// Every action is done once from the keyboard and once by command on the lab, by its id: these in actions.lab.test.ts, those in members.lab.test.ts.

export const doneInActionsTest = [
  ...['switchover', 'promote', 'failover', 'maintenance-on', 'maintenance-off', 'set-priority', 'set-quorum'],
  ...['set-sync-standbys', 'restart', 'reload', 'container-restart', 'container-start', 'container-stop'],
];

export const doneInMembersTest = [
  ...['drop', 'rejoin', 'reclone', 'outage-begin', 'outage-end', 'rolling-restart', 'cold-stop', 'cold-start'],
];
