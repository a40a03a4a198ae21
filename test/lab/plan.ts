import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {z} from 'zod';
import {labDirectory} from './places.ts';

const schema = z.object({
  name: z.string(),
  /** N of 10.77.N.0/24. */
  networkNumber: z.number(),
  fast: z.boolean(),
  /** Machines with Docker and the image, and no cluster on them. */
  bare: z.boolean().default(false),
  /** How many machines; only a bare lab may have a fourth. */
  machines: z.number().int().min(3).max(4).default(3),
  image: z.object({data: z.string(), storageDriver: z.enum(['overlay2', 'vfs'])}),
});

/** What was decided when a lab was raised. Kept in its folder, because its machines are booted again later from the same. */
export type Plan = z.infer<typeof schema>;

/** The plan of a lab that was raised, undefined when there is none. */
export function readPlan(name: string): Plan | undefined {
  const file = planFile(name);
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Keeps the plan in the lab's folder. */
export function writePlan(plan: Plan): void {
  mkdirSync(labDirectory(plan.name), {recursive: true});
  writeFileSync(planFile(plan.name), `${JSON.stringify(plan, undefined, 2)}\n`);
}

function planFile(name: string): string {
  return join(labDirectory(name), 'plan.json');
}
