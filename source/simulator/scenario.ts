import {parse} from 'yaml';
import {z} from 'zod';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';
import {commands} from './command.ts';

const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?(s|min)$/, 'a time such as 20s or 3min')
  .transform(text => Number.parseFloat(text) * (text.endsWith('min') ? 60 : 1));

const line = z
  .string()
  .refine(text => commands.some(command => command.name === text.trim().split(/\s+/)[0]), 'no such command');

const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower case letters, digits and dashes'),
  title: z.string(),
  /** What one should know before; nothing that gives the answer away. */
  story: z.string().optional(),
  /** Transactions a second of the application. */
  load: z.number().min(0).optional(),
  steps: z.array(
    z.strictObject({
      at: seconds,
      do: line,
      /** Again and again, so often. */
      every: seconds.optional(),
      times: z.number().int().min(1).optional(),
    }),
  ),
  /** For a drill: the codes of findings that name the cause, and the best way back, in order. */
  answer: z
    .strictObject({
      findings: z.array(z.string()),
      repair: z.array(z.strictObject({after: seconds, do: line})),
    })
    .optional(),
});

/** A list of timed steps over a world. Times are seconds after its begin. */
export type Scenario = z.infer<typeof schema>;

/** Reads a scenario that a team has written. The problem says what is wrong, and where. */
export function parseScenario(text: string, file: string): Outcome<Scenario> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return bad('configuration', `${file} is no YAML: ${errorText(error)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return good(result.data);
  const [first] = result.error.issues;
  const where = first?.path.join('.') ?? '';
  return bad('configuration', `${file}: ${where === '' ? '' : `${where}: `}${first?.message ?? 'not a scenario'}`, {
    remedy: 'a name, a title, and steps, each with "at" and "do"',
  });
}
