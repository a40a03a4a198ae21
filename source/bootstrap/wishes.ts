/** What a bootstrap does only when it is told to, because it takes something away or touches what runs. */
export type BootstrapWishes = {
  /** Containers that run are made anew where that is needed. */
  rolling: boolean;
  /** The node whose data is gone: its registration is forgotten, and it joins anew. */
  replace: string | undefined;
  /** The monitor is made where the configuration has it, and the nodes that run are registered with it. */
  rebuildMonitor: boolean;
  /** New passwords, or on with a change of them that was interrupted. */
  rotatePasswords: boolean;
  /** Connections are encrypted that were not, or better than they were. */
  ssl: boolean;
};

export const noWishes: BootstrapWishes = {
  rolling: false,
  replace: undefined,
  rebuildMonitor: false,
  rotatePasswords: false,
  ssl: false,
};
