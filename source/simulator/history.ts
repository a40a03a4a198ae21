import type {Branch, DataNode, Postgres, ReplicationGroup} from './simulation.ts';
import {transactionsAt} from './wal.ts';

/** So many histories are kept; older ones that nobody stands on are summed up. */
const keptBranches = 40;

/** Where WAL begins in a new cluster. */
const firstLsn = 0x155_a068;

/** The history of a new cluster. */
export function firstBranch(lsn = firstLsn): Branch {
  return {
    id: 1,
    timeline: 1,
    parent: undefined,
    fork: lsn,
    forkTransactions: 0,
    gaps: [],
    acknowledged: lsn,
  };
}

/** A new database cluster, as initdb makes one: where the group had written one before, nothing of that is in it. */
export function beginHistory(group: ReplicationGroup, {postgres}: DataNode): void {
  const {main} = group;
  const [oldest] = group.branches;
  if (main.acknowledged > main.fork || main.parent !== undefined || oldest !== main) {
    const branch = {...firstBranch(), id: (group.branches.at(-1)?.id ?? 0) + 1};
    group.branches.push(branch);
    group.main = branch;
    forgetOldBranches(group);
  }
  const {main: begun} = group;
  Object.assign(postgres, {branch: begun, lsn: begun.fork, replayed: begun.fork});
}

/** Starts a new timeline where the node stands, as a promotion does. */
export function forkHistory(group: ReplicationGroup, node: DataNode): void {
  const {postgres} = node;
  const parent = ownBranch(postgres);
  const branch: Branch = {
    id: (group.branches.at(-1)?.id ?? 0) + 1,
    timeline: postgres.branch.timeline + 1,
    parent,
    fork: postgres.lsn,
    forkTransactions: transactionsAt(parent, postgres.lsn),
    gaps: [],
    acknowledged: postgres.lsn,
  };
  group.branches.push(branch);
  group.main = branch;
  postgres.branch = branch;
  forgetOldBranches(group);
}

/**
 * Whether a standby can follow: its WAL is a beginning of the upstream's. `behind`: it only has to wait until the upstream has come
 * that far. `forked`: never, without pg_rewind.
 */
export function canFollow(standby: Postgres, upstream: Postgres): 'yes' | 'behind' | 'forked' {
  const own = ownBranch(standby);
  if (own === upstream.branch) return standby.lsn <= upstream.lsn ? 'yes' : 'behind';
  const left = leavingPoint(upstream.branch, own);
  if (left === undefined) return 'forked';
  return standby.lsn <= left ? 'yes' : 'forked';
}

/** How far the standby's WAL is the same as the upstream's: where pg_rewind goes back to. */
export function commonPosition(standby: Postgres, upstream: Postgres): number {
  for (
    let branch: Branch | undefined = standby.branch, limit = standby.lsn;
    branch !== undefined;
    branch = branch.parent
  ) {
    if (branch === upstream.branch) return Math.min(limit, upstream.lsn);
    const left = leavingPoint(upstream.branch, branch);
    if (left !== undefined) return Math.min(limit, left);
    limit = Math.min(limit, branch.fork);
  }
  return 0;
}

/** Acknowledged writes that are not in the history that goes on. */
export function lostWrites(group: ReplicationGroup): number {
  let lost = group.lostSettled;
  for (const branch of group.branches) lost += lostOn(group, branch);
  return Math.round(lost);
}

function lostOn(group: ReplicationGroup, branch: Branch): number {
  if (branch === group.main) return 0;
  const left = leavingPoint(group.main, branch) ?? branch.fork;
  return Math.max(0, transactionsAt(branch, branch.acknowledged) - transactionsAt(branch, Math.max(left, branch.fork)));
}

/** Where `branch`'s line of descent left `ancestor`; undefined when that is none of its ancestors. */
function leavingPoint(branch: Branch, ancestor: Branch): number | undefined {
  let limit = Number.POSITIVE_INFINITY;
  for (let each: Branch | undefined = branch; each !== undefined; each = each.parent) {
    if (each === ancestor) return limit;
    limit = Math.min(limit, each.fork);
  }
  return undefined;
}

/** A standby that follows a new timeline but has nothing of it yet stands, in truth, on the old one. */
function ownBranch(postgres: Postgres): Branch {
  let {branch} = postgres;
  while (branch.parent !== undefined && postgres.lsn <= branch.fork) branch = branch.parent;
  return branch;
}

function forgetOldBranches(group: ReplicationGroup): void {
  if (group.branches.length <= keptBranches) return;
  const used = new Set<Branch>();
  for (const node of group.nodes) used.add(node.postgres.branch).add(ownBranch(node.postgres));
  const firstUsed = group.branches.findIndex(branch => used.has(branch));
  const surplus = group.branches.length - keptBranches / 2;
  // A node that was away for very long is cut off from the histories of the others: it will be copied anew.
  const cut = group.branches.length > keptBranches * 10 ? surplus : Math.min(firstUsed, surplus);
  const old = group.branches.slice(0, Math.max(0, cut));
  for (const branch of old) group.lostSettled += lostOn(group, branch);
  group.branches = group.branches.slice(old.length);
  for (const branch of group.branches) {
    if (branch.parent !== undefined && old.includes(branch.parent)) branch.parent = undefined;
  }
}
