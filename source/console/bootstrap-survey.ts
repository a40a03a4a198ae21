import type {ClusterConfiguration} from '../config/configuration.ts';
import type {BootstrapSurroundings, LookAtHosts} from './bootstrap-page.ts';

export type Survey = {
  /** Loaded when somebody asks; undefined: there is none. */
  look: LookAtHosts | undefined;
  cluster: ClusterConfiguration;
  surroundings(): BootstrapSurroundings;
  isFirstScreen(): boolean;
  notify(text: string): void;
  showPage(page: {title: string; lines: readonly string[]}): void;
  answered(failure: Awaited<ReturnType<LookAtHosts>> & {ok: false}): void;
};

/** The key that looks at what a bootstrap would find and make: one look at a time, and its answer where the person still is. */
export function bootstrapSurvey({look, cluster, surroundings, isFirstScreen, notify, showPage, answered}: Survey): {
  show(): Promise<void>;
} {
  let isUnderWay = false;
  return {
    async show() {
      if (isUnderWay || look === undefined) return;
      isUnderWay = true;
      notify('looking at the hosts');
      try {
        const page = await look(cluster, surroundings());
        // Who has gone on meanwhile is not torn away from what is there, least of all from a confirmation.
        if (!isFirstScreen()) notify('the hosts have been looked at: B on the first screen shows it');
        else if (page.ok) showPage(page.value);
        else answered(page);
      } finally {
        isUnderWay = false;
      }
    },
  };
}
