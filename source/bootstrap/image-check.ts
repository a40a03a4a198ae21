import {failed, type HostCheck, passed, warned} from './host-check.ts';
import type {HostSurvey} from './host-survey.ts';
import {imageSource} from './image-source.ts';
import {refusalOf} from './registry-answer.ts';

/** Whether a host has the image or can get it, and whether that runs there. */
export function imageCheck(image: string, survey: HostSurvey, all: readonly HostSurvey[]): HostCheck {
  const {host, architecture, registry} = survey;
  const title = `the image ${image} is there, or can be brought there`;
  const source = imageSource(survey, all);
  const owner = source.kind === 'host' ? source.from : survey;
  const made = source.kind === 'here' ? [source.architecture] : architecturesOf(owner);
  if (architecture !== undefined && made.length > 0 && !made.some(each => runsOn(each, architecture)))
    return failed(
      host,
      'image',
      title,
      `it is made for ${made.join(', ')}${source.kind === 'here' ? ' here' : owner === survey ? '' : ` on ${owner.host}`}, the host is ${architecture}`,
      owner.image === undefined
        ? `give \`image\` of the configuration one that is made for ${architecture}`
        : `on ${owner.host}: docker image rm ${image}, then docker pull ${image}`,
    );
  switch (source.kind) {
    case 'there':
      return passed(host, 'image', title, made.join(', '));
    case 'host':
      return passed(
        host,
        'image',
        title,
        `it is taken from ${owner.host}${owner.image === undefined ? ', which pulls it' : ''}`,
      );
    case 'here':
      return passed(host, 'image', title, 'it is taken from this machine');
    case 'registry':
      return source.unclear === undefined
        ? passed(host, 'image', title, 'it can be pulled')
        : warned(host, 'image', title, source.unclear, 'it is tried before anything is started');
    case 'nowhere':
      return registry?.kind === 'refused'
        ? failed(host, 'image', title, `no host has it, and it cannot be pulled: ${registry.reason}`, registry.remedy)
        : failed(host, 'image', title, 'no host has it', refusalOf('', image, host).remedy);
  }
}

function architecturesOf({image, registry}: HostSurvey): readonly string[] {
  if (image !== undefined) return [image.architecture];
  return registry?.kind === 'has-it' ? registry.architectures : [];
}

/** What Docker calls an architecture, and what the kernel calls it; one that is not listed may have other names. */
const kernelNames: Readonly<Record<string, readonly string[]>> = {
  amd64: ['x86_64', 'amd64'],
  arm64: ['aarch64', 'arm64'],
  '386': ['i386', 'i686', 'x86_64'],
  arm: ['armv6l', 'armv7l', 'aarch64'],
  ppc64le: ['ppc64le'],
  s390x: ['s390x'],
};

function runsOn(image: string, host: string): boolean {
  return kernelNames[image]?.includes(host) ?? true;
}
