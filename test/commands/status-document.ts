import {z} from 'zod';

/** The promise of `pgaf status --json`, field by field: anything missing, renamed or added fails. */
const text = z.string();
export const statusDocumentSchema = z.strictObject({
  cluster: text,
  formation: text,
  takenAt: z.iso.datetime(),
  verdict: z.strictObject({
    level: z.enum(['healthy', 'degraded', 'changing', 'blocked', 'down', 'unknown']),
    writable: z.boolean().nullable(),
    summary: text,
    primary: text.nullable(),
    sinceSeconds: z.number().nullable(),
    toleratesFailures: z.number().nullable(),
  }),
  monitor: z.strictObject({
    reachable: z.boolean(),
    host: text.nullable(),
    container: text.nullable(),
    version: text.nullable(),
    error: text.nullable(),
  }),
  settings: z.strictObject({numberSyncStandbys: z.number().nullable(), synchronousStandbyNames: text.nullable()}),
  hosts: z.array(
    z.strictObject({
      name: text,
      address: text,
      reachable: z.boolean(),
      error: text.nullable(),
      roundTripMs: z.number().nullable(),
      containers: z.array(
        z.strictObject({name: text, image: text, state: text, restarts: z.number(), startedAt: text.nullable()}),
      ),
    }),
  ),
  nodes: z.array(
    z.strictObject({
      name: text,
      id: z.number().nullable(),
      group: z.number().nullable(),
      host: text.nullable(),
      address: text.nullable(),
      port: z.number().nullable(),
      container: text.nullable(),
      reportedState: text.nullable(),
      assignedState: text.nullable(),
      health: z.enum(['good', 'bad', 'unknown']),
      writable: z.boolean().nullable(),
      timeline: z.number().nullable(),
      lsn: text.nullable(),
      lagBytes: z.number().nullable(),
      lagSeconds: z.number().nullable(),
      lagSource: z.enum(['node', 'monitor']).nullable(),
      syncState: text.nullable(),
      candidatePriority: z.number().nullable(),
      replicationQuorum: z.boolean().nullable(),
      reportAgeSeconds: z.number().nullable(),
      error: text.nullable(),
    }),
  ),
  findings: z.array(
    z.strictObject({
      code: text,
      severity: z.enum(['critical', 'warning', 'info']),
      node: text.nullable(),
      title: text,
      evidence: z.array(text),
      remedy: text,
    }),
  ),
});

export type StatusDocument = z.infer<typeof statusDocumentSchema>;
