import type {ActionKind} from '../../source/actions/action.ts';
import {coldStart} from '../../source/actions/cold-start.ts';
import {coldStop} from '../../source/actions/cold-stop.ts';
import {containerRestart} from '../../source/actions/container-restart.ts';
import {containerStart} from '../../source/actions/container-start.ts';
import {containerStop} from '../../source/actions/container-stop.ts';
import {drop} from '../../source/actions/drop.ts';
import {failover} from '../../source/actions/failover.ts';
import {maintenanceOff, maintenanceOn} from '../../source/actions/maintenance.ts';
import {outageBegin, outageEnd} from '../../source/actions/outage.ts';
import {promotion} from '../../source/actions/promotion.ts';
import {reclone} from '../../source/actions/reclone.ts';
import {rejoin} from '../../source/actions/rejoin.ts';
import {reload} from '../../source/actions/reload.ts';
import {restart} from '../../source/actions/restart.ts';
import {rollingRestart} from '../../source/actions/rolling-restart.ts';
import {setPriority} from '../../source/actions/set-priority.ts';
import {setQuorum} from '../../source/actions/set-quorum.ts';
import {setSyncStandbys} from '../../source/actions/set-sync-standbys.ts';
import {switchover} from '../../source/actions/switchover.ts';

// Every action is done once from the keyboard and once by command on the lab: these in actions.lab.test.ts, those in members.lab.test.ts.

export const doneInActionsTest: readonly ActionKind[] = [
  switchover,
  promotion,
  failover,
  maintenanceOn,
  maintenanceOff,
  setPriority,
  setQuorum,
  setSyncStandbys,
  restart,
  reload,
  containerRestart,
  containerStart,
  containerStop,
];

export const doneInMembersTest: readonly ActionKind[] = [
  drop,
  rejoin,
  reclone,
  outageBegin,
  outageEnd,
  rollingRestart,
  coldStop,
  coldStart,
];
