/** What is noted while a drill runs; times are simulated milliseconds since the scenario began. */
export type DrillRecord = {
  /** Codes of findings that name the cause, the most telling one first. */
  causes: readonly string[];
  /** When the scenario did something. */
  faults: readonly number[];
  diagnoses: readonly {at: number; code: string}[];
  moves: readonly Move[];
  /** One a simulated second, oldest first, from the begin of the scenario on. */
  samples: readonly TruthSample[];
  /** Why steps of the scenario could not be done. */
  refusedSteps: readonly string[];
  /** When all was well again for good; undefined: it was not. */
  healthyAt: number | undefined;
};

/** Something that changes the cluster, done by the person; `refused` has the words of the one that refused it. */
export type Move = {at: number; words: string; refused?: string};

/** The truth at a moment. Writes are counted since the scenario began. */
export type TruthSample = {
  at: number;
  writesPossible: boolean;
  redundant: boolean;
  lostWrites: number;
  secondsWithoutWrites: number;
};

/** How a drill went. Times are simulated seconds since the first fault. */
export type Score = {
  /** Undefined: the cause was never named. */
  secondsToDiagnosis: number | undefined;
  wrongDiagnoses: readonly string[];
  /** Undefined: it was not healthy in the end. */
  secondsToHealthy: number | undefined;
  writesLost: number;
  secondsWithoutWrites: number;
  wrongMoves: readonly {move: Move; reason: string}[];
  /** Why steps of the scenario could not be done: less broke than it says. */
  refusedSteps: readonly string[];
};

/** So long after a move what gets worse is its doing, when nothing else happened meanwhile. */
const blameMs = 30_000;
/** A switchover stops writes for some seconds: only what stays worse for longer is held against a move. */
const lastingMs = 15_000;

/** Whether a finding's code, however it is written, is one of those that name the cause. */
export function namesCause(causes: readonly string[], code: string): boolean {
  return causes.some(cause => cause.toLowerCase() === code.toLowerCase());
}

/** Judges what was noted; pure. */
export function scoreOf(record: DrillRecord): Score {
  const begin = record.faults[0] ?? 0;
  const seconds = (at: number | undefined) => (at === undefined ? undefined : Math.max(0, at - begin) / 1000);
  const isRight = (code: string) => namesCause(record.causes, code);
  const right = record.diagnoses.find(diagnosis => isRight(diagnosis.code));
  const last = record.samples.at(-1);
  const worsened = movesThatMadeItWorse(record);
  return {
    secondsToDiagnosis: seconds(right?.at),
    wrongDiagnoses: record.diagnoses.filter(each => !isRight(each.code)).map(each => each.code),
    secondsToHealthy: seconds(record.healthyAt),
    writesLost: last?.lostWrites ?? 0,
    secondsWithoutWrites: last?.secondsWithoutWrites ?? 0,
    wrongMoves: record.moves.flatMap(move => {
      if (move.refused !== undefined) return [{move, reason: `refused: ${move.refused}`}];
      const reason = worsened.get(move);
      return reason === undefined ? [] : [{move, reason}];
    }),
    refusedSteps: record.refusedSteps,
  };
}

/** Each time that it got worse and stayed so, the last move shortly before is to blame, unless the scenario did something in between. */
function movesThatMadeItWorse({moves, faults, samples}: DrillRecord): ReadonlyMap<Move, string> {
  const blamed = new Map<Move, string>();
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    const move = moves.findLast(each => each.at <= sample.at && each.refused === undefined);
    if (before === undefined || move === undefined || blamed.has(move) || sample.at - move.at > blameMs) continue;
    if (faults.some(at => at > move.at - 1000 && at <= sample.at)) continue;
    const reason = lossBetween(before, sample) ?? lastingHarm(before, samples.slice(index));
    if (reason !== undefined) blamed.set(move, reason);
  }
  return blamed;
}

function lossBetween(before: TruthSample, after: TruthSample): string | undefined {
  const lost = after.lostWrites - before.lostWrites;
  return lost > 0 ? `${lost} acknowledged writes were lost` : undefined;
}

function lastingHarm(before: TruthSample, after: readonly TruthSample[]): string | undefined {
  const from = after[0]?.at ?? 0;
  const span = after.filter(sample => sample.at - from <= lastingMs);
  const lasts = (after.at(-1)?.at ?? 0) - from >= lastingMs;
  if (!lasts) return undefined;
  if (before.writesPossible && span.every(sample => !sample.writesPossible)) return 'writes were no longer possible';
  if (before.redundant && span.every(sample => !sample.redundant)) return 'redundancy was lost';
  return undefined;
}
