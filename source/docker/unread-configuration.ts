/** How often in all a command is tried that found no configuration; each `docker exec` takes longer than the writing of one. */
export const readingTries = 4;

/**
 * True when pg_autoctl ended because it was just writing its configuration file anew, as after a reload: up to 2.2 that is empty for a moment
 * (keeper_config_write_file in keeper_config.c, BAD_CONFIG in defaults.h). The command has done nothing then.
 */
export function couldNotReadConfiguration(exitCode: number | null, output: string): boolean {
  return exitCode === 2 && /Failed to find section pg_autoctl in "/.test(output);
}
