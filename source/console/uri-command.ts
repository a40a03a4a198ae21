import type {Situation} from '../actions/action.ts';
import {monitorPlace} from '../actions/cluster-facts.ts';
import {bad, good, type Outcome} from '../cluster/problem.ts';
import {connectionStrings} from '../monitor/connection-strings.ts';
import type {HostConnection} from '../ssh/host-connection.ts';
import type {PromptAnswer, PromptCommand} from './prompt.ts';

export type UriSurroundings = {
  formation: string;
  situation(): Situation;
  host(name: string): HostConnection | undefined;
  copy?(text: string): void;
};

/** `:uri`: what an application connects with, as the monitor says it; `:uri copy` puts it into the terminal's clipboard. */
export function uriCommand({formation, situation, host, copy}: UriSurroundings): PromptCommand {
  return {
    name: 'uri',
    parameters: '[copy]',
    help: "the application's connection string; copy: into the clipboard of your terminal",
    complete: before => (before.length === 0 ? ['copy'] : []),
    async run([what]): Promise<PromptAnswer> {
      if (what !== undefined && what !== 'copy') return bad('configuration', 'it is :uri or :uri copy');
      const read = await stringsOf(situation(), host, formation);
      if (!read.ok) return read;
      const {application, all} = read.value;
      if (what === undefined) return good({page: {title: 'Connection strings', lines: all}});
      if (application === undefined)
        return bad('configuration', `the monitor has no connection string of formation ${formation}`);
      copy?.(application);
      return good({text: `handed to your terminal's clipboard: ${application}`});
    },
  };
}

async function stringsOf(
  situation: Situation,
  host: UriSurroundings['host'],
  formation: string,
): Promise<Outcome<{application: string | undefined; all: readonly string[]}>> {
  const place = monitorPlace(situation);
  const connection = place === undefined ? undefined : host(place.host.name);
  if (place === undefined || connection === undefined)
    return bad('configuration', 'no host has a monitor in the configuration');
  return connectionStrings(connection, situation.docker.get(place.host.name) ?? ['docker'], place.container, formation);
}
