import type {ActionKind} from './action.ts';
import {coldStart} from './cold-start.ts';
import {coldStop} from './cold-stop.ts';
import {containerRestart} from './container-restart.ts';
import {containerStart} from './container-start.ts';
import {containerStop} from './container-stop.ts';
import {drop} from './drop.ts';
import {failover} from './failover.ts';
import {maintenanceOff, maintenanceOn} from './maintenance.ts';
import {outageBegin, outageEnd} from './outage.ts';
import {promotion} from './promotion.ts';
import {reclone} from './reclone.ts';
import {rejoin} from './rejoin.ts';
import {reload} from './reload.ts';
import {restart} from './restart.ts';
import {rollingRestart} from './rolling-restart.ts';
import {setPriority} from './set-priority.ts';
import {setQuorum} from './set-quorum.ts';
import {setSyncStandbys} from './set-sync-standbys.ts';
import {switchover} from './switchover.ts';

/** Every action there is, in the order in which help and documentation list them. */
export const actionKinds: readonly ActionKind[] = [
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
  drop,
  rejoin,
  reclone,
  outageBegin,
  outageEnd,
  rollingRestart,
  coldStop,
  coldStart,
];

export function actionKind(id: string): ActionKind | undefined {
  return actionKinds.find(kind => kind.id === id);
}
