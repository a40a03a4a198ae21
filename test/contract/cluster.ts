import type {ClusterConfiguration} from '../../source/config/configuration.ts';

/** A cluster that the contract is about, real or embedded: hosts vm1 to vm3 with pg_node1 to pg_node3 on them, and pg_monitor on vm3. */
export type Cluster = {
  /** What a real cluster says is recorded; an embedded one has to say the same. */
  kind: 'real' | 'embedded';
  /** By which the console's own edges reach it. */
  configuration: ClusterConfiguration;
  /** How much faster than the machine's time its own passes. */
  speed: number;
  /** A fault by the name that both know: `poweroff vm1`, `stop pg_node2`. */
  fault(line: string): Promise<void>;
  /** Ends every fault. */
  mend(): Promise<void>;
  close(): Promise<void>;
};
