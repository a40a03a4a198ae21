import {access} from 'node:fs/promises';
import path from 'node:path';
import {bad, errorText, good, type Outcome} from '../cluster/problem.ts';

/** Where the configuration is looked for: `file` is --config. */
export type ConfigurationPlaces = {
  file?: string | undefined;
  workingDirectory: string;
  homeDirectory: string;
  environment: Readonly<Record<string, string | undefined>>;
};

/** The configuration file that applies, absolute: --config, `./pgaf.yaml`, `$XDG_CONFIG_HOME/pgaf/config.yaml`. */
export async function findConfiguration(places: ConfigurationPlaces): Promise<Outcome<string>> {
  const candidates =
    places.file === undefined
      ? [path.join(places.workingDirectory, 'pgaf.yaml'), personalConfiguration(places)]
      : [path.resolve(places.workingDirectory, places.file)];
  for (const candidate of candidates) {
    const outcome = await present(candidate);
    if (!outcome.ok) return outcome;
    if (outcome.value) return good(candidate);
  }
  if (places.file !== undefined) {
    return bad('configuration', `there is no configuration at ${places.file}`, {
      remedy: `check the path given with --config, or write one: pgaf config init --config ${places.file}`,
    });
  }
  return bad('configuration', `there is no configuration: neither ${candidates.join(' nor ')}`, {
    remedy: 'run `pgaf config init` to write one, or give one with --config FILE',
  });
}

/** `$XDG_CONFIG_HOME/pgaf/config.yaml`, by default under ~/.config. */
export function personalConfiguration(places: Pick<ConfigurationPlaces, 'homeDirectory' | 'environment'>): string {
  const configured = places.environment.XDG_CONFIG_HOME;
  // The XDG specification: a relative path is to be ignored.
  const base =
    configured !== undefined && path.isAbsolute(configured) ? configured : path.join(places.homeDirectory, '.config');
  return path.join(base, 'pgaf', 'config.yaml');
}

async function present(file: string): Promise<Outcome<boolean>> {
  try {
    await access(file);
    return good(true);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return good(false);
    return bad('configuration', `${file} cannot be read: ${errorText(error)}`, {remedy: 'check its permissions'});
  }
}
