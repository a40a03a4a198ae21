import * as z from 'zod';
import type {AuditLine} from './audit-line.ts';

/** One run as the audit log tells it: how it began, and how it ended when that is written down. */
export type AuditEntry = {line: AuditLine; ended: boolean};

const lineSchema: z.ZodType<AuditLine> = z.object({
  event: z.enum(['begin', 'end', 'refused']),
  id: z.string(),
  at: z.string(),
  who: z.object({
    user: z.string(),
    sudoUser: z.string().nullable(),
    machine: z.string(),
    sshConnection: z.string().nullable(),
  }),
  cluster: z.string(),
  formation: z.string(),
  action: z.string(),
  title: z.string(),
  target: z.string().nullable(),
  value: z.string().nullable(),
  options: z.array(z.string()),
  forced: z.boolean(),
  checks: z.array(
    z.object({id: z.string(), result: z.enum(['pass', 'warn', 'fail']), title: z.string(), evidence: z.string()}),
  ),
  steps: z.array(
    z.object({
      host: z.string(),
      user: z.string().nullable(),
      argv: z.array(z.string()),
      state: z.string(),
      exitCode: z.number().nullable(),
    }),
  ),
  outcome: z.enum(['done', 'failed', 'refused', 'unknown']).nullable(),
  message: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  withoutWritesSeconds: z.number().nullable(),
});

/** A line of the log; undefined for what is none, such as one that was cut off when a disk was full. */
export function parseAuditLine(text: string): AuditLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Runs in the order in which they were first written of, the newest last: the two lines of a run are one entry. */
export function auditEntries(lines: readonly AuditLine[]): readonly AuditEntry[] {
  const entries = new Map<string, AuditEntry>();
  for (const line of lines) entries.set(line.id, {line, ended: line.event !== 'begin'});
  return [...entries.values()];
}
