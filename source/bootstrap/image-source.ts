import type {HostSurvey} from './host-survey.ts';

/** Where a host gets the image from. */
type ImageSource =
  | {kind: 'there'}
  /** It pulls it. `unclear`: why that may not work. */
  | {kind: 'registry'; unclear: string | undefined}
  /** Another host has it, or has pulled it by then. */
  | {kind: 'host'; from: HostSurvey}
  /** The machine that pgaf runs on has it. */
  | {kind: 'here'; architecture: string}
  | {kind: 'nowhere'};

/** An image that one host has, or can pull, can be handed on to the others. */
export function imageSource(survey: HostSurvey, all: readonly HostSurvey[]): ImageSource {
  if (survey.image !== undefined) return {kind: 'there'};
  const owner = all.find(each => each.image !== undefined);
  if (owner !== undefined) return {kind: 'host', from: owner};
  const {registry} = survey;
  if (registry?.kind === 'has-it') return {kind: 'registry', unclear: undefined};
  const puller = all.find(each => each.registry?.kind === 'has-it');
  if (puller !== undefined) return {kind: 'host', from: puller};
  if (survey.ownImage !== undefined) return {kind: 'here', architecture: survey.ownImage};
  if (registry?.kind === 'unclear') return {kind: 'registry', unclear: registry.reason};
  const trying = all.find(each => each.registry?.kind === 'unclear');
  return trying === undefined ? {kind: 'nowhere'} : {kind: 'host', from: trying};
}
