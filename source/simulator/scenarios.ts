import type {Scenario} from './scenario.ts';

/** The scenarios that come with the program. The cluster begins settled, with pg_node1 on vm1 as its primary. */
export const scenarios: readonly Scenario[] = [
  {name: 'healthy', title: 'All is well', steps: []},
  {
    name: 'lagging-standby',
    title: 'A standby lags behind',
    story: 'The batch job has begun. Reports on pg_node2 look old.',
    load: 2000,
    steps: [{at: 5, do: 'lag pg_node2 20kB'}],
    answer: {findings: ['R24'], repair: [{after: 60, do: 'lag pg_node2 off'}]},
  },
  {
    name: 'power-cut',
    title: "The primary's machine loses its power",
    steps: [{at: 5, do: 'poweroff vm1'}],
    answer: {findings: ['host-unreachable'], repair: [{after: 60, do: 'poweron vm1'}]},
  },
  {
    name: 'split-network',
    title: 'The network between the machines is split',
    story: 'The network team works on a switch.',
    steps: [
      {at: 5, do: 'partition vm1 vm2'},
      {at: 5, do: 'partition vm1 vm3'},
    ],
    answer: {findings: ['R30'], repair: [{after: 90, do: 'heal'}]},
  },
  {
    name: 'wedged-switchover',
    title: 'A switchover that does not end',
    story: 'A colleague wanted to move the primary before lunch.',
    steps: [
      {at: 5, do: 'kill pg_node3'},
      {at: 10, do: 'failover'},
    ],
    answer: {findings: ['R07', 'R05'], repair: [{after: 5, do: 'start pg_node3'}]},
  },
  {
    name: 'standbys-lost',
    title: 'Both standbys are lost',
    steps: [
      {at: 5, do: 'poweroff vm2'},
      {at: 8, do: 'kill pg_node3'},
    ],
    answer: {
      findings: ['R03'],
      repair: [
        {after: 5, do: 'start pg_node3'},
        {after: 10, do: 'poweron vm2'},
      ],
    },
  },
  {
    name: 'monitor-lost',
    title: 'The monitor is gone',
    steps: [{at: 5, do: 'kill pg_monitor'}],
    answer: {findings: ['R18'], repair: [{after: 5, do: 'start pg_monitor'}]},
  },
  {
    name: 'disk-filling',
    title: 'A disk fills up',
    load: 200,
    steps: [
      {at: 0, do: 'disk vm1 88'},
      {at: 5, do: 'disk-growth vm1 100MB'},
    ],
    answer: {findings: ['R32'], repair: [{after: 150, do: 'disk vm1 40'}]},
  },
  {
    name: 'flapping-node',
    title: 'A node comes and goes',
    steps: [
      {at: 5, do: 'stop pg_node2', every: 40},
      {at: 20, do: 'start pg_node2', every: 40},
    ],
    answer: {findings: ['R37'], repair: [{after: 60, do: 'start pg_node2'}]},
  },
  {
    name: 'forgotten-maintenance',
    title: 'A maintenance that nobody ended, and then the primary fails',
    story: 'Last week somebody patched pg_node2.',
    steps: [
      {at: 1, do: 'maintenance on pg_node2'},
      {at: 30, do: 'poweroff vm1'},
    ],
    answer: {
      findings: ['R06', 'R47'],
      repair: [
        {after: 40, do: 'maintenance off pg_node2'},
        {after: 60, do: 'poweron vm1'},
      ],
    },
  },
  {
    name: 'dropped-node',
    title: 'A dropped node in a restart loop',
    steps: [{at: 5, do: 'drop pg_node3'}],
    answer: {findings: ['R12', 'R15'], repair: []},
  },
  {
    name: 'three-failures',
    title: 'Three failures at once',
    story: 'It is three in the morning.',
    load: 50,
    steps: [
      {at: 5, do: 'poweroff vm2'},
      {at: 7, do: 'freeze vm1 sshd'},
      {at: 9, do: 'kill pg_node3'},
    ],
    answer: {
      findings: ['R03'],
      repair: [
        {after: 5, do: 'start pg_node3'},
        {after: 10, do: 'thaw vm1'},
        {after: 15, do: 'poweron vm2'},
      ],
    },
  },
];

/** The scenario of that name. */
export function scenarioNamed(name: string): Scenario | undefined {
  return scenarios.find(scenario => scenario.name === name);
}
