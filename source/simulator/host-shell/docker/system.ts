import {outputOf} from '../../container-programs/output.ts';
import type {SimulatedProcess} from '../../program.ts';
import {parseTemplate} from '../go-template.ts';
import type {HostPlace} from '../host-place.ts';
import type {Options, OptionTable} from '../options.ts';

/** The version of the simulated client and daemon. */
export const dockerVersion = '28.2.2';

export const formatOption: OptionTable = {flags: [], valued: ['format'], short: {f: 'format'}};

/** `docker version` */
export async function printVersion(process: SimulatedProcess, _place: HostPlace, options: Options): Promise<number> {
  const format = options.value('format');
  const {Client, Server} = versions;
  const plain = `Client: Docker Engine - Community
 Version:           ${Client.Version}
 API version:       ${Client.ApiVersion}
 Go version:        ${Client.GoVersion}
 Git commit:        ${Client.GitCommit}
 Built:             ${Client.BuildTime}
 OS/Arch:           linux/amd64
 Context:           default

Server: Docker Engine - Community
 Engine:
  Version:          ${Server.Version}
  API version:      ${Server.ApiVersion} (minimum version ${Server.MinAPIVersion})
  Go version:       ${Server.GoVersion}
  Git commit:       ${Server.GitCommit}
  Built:            ${Client.BuildTime}
  OS/Arch:          linux/amd64
  Experimental:     false
`;
  await outputOf(process).out(format === undefined ? plain : `${rendered(format, versions)}\n`);
  return 0;
}

/** `docker info` */
export async function printInfo(process: SimulatedProcess, place: HostPlace, options: Options): Promise<number> {
  const format = options.value('format');
  const info = infoOf(place);
  const plain = `Client: Docker Engine - Community
 Version:    ${dockerVersion}
 Context:    default
 Debug Mode: false

Server:
 Containers: ${info.Containers}
  Running: ${info.ContainersRunning}
  Paused: ${info.ContainersPaused}
  Stopped: ${info.ContainersStopped}
 Images: ${info.Images}
 Server Version: ${info.ServerVersion}
 Storage Driver: ${info.Driver}
 Logging Driver: ${info.LoggingDriver}
 Cgroup Driver: ${info.CgroupDriver}
 Cgroup Version: ${info.CgroupVersion}
 Swarm: inactive
 Kernel Version: ${info.KernelVersion}
 Operating System: ${info.OperatingSystem}
 OSType: ${info.OSType}
 Architecture: ${info.Architecture}
 CPUs: ${info.NCPU}
 Total Memory: 7.764GiB
 Name: ${info.Name}
 Docker Root Dir: ${info.DockerRootDir}
 Debug Mode: false
 Live Restore Enabled: false
`;
  await outputOf(process).out(format === undefined ? plain : `${rendered(format, info)}\n`);
  return 0;
}

function rendered(format: string, data: object): string {
  return parseTemplate(format === 'json' ? '{{json .}}' : format)(data);
}

const built = {GitCommit: 'e6534b4', GoVersion: 'go1.24.3', Os: 'linux', Arch: 'amd64'};

const versions = {
  Client: {
    Version: dockerVersion,
    ApiVersion: '1.50',
    DefaultAPIVersion: '1.50',
    ...built,
    BuildTime: 'Fri May 30 12:07:14 2025',
    Context: 'default',
  },
  Server: {
    Platform: {Name: 'Docker Engine - Community'},
    Components: [
      {Name: 'Engine', Version: dockerVersion, Details: {ApiVersion: '1.50', MinAPIVersion: '1.24', ...built}},
    ],
    Version: dockerVersion,
    ApiVersion: '1.50',
    MinAPIVersion: '1.24',
    ...built,
    GitCommit: '45873be',
    KernelVersion: '6.1.0-28-amd64',
    BuildTime: '2025-05-30T12:07:14.000000000+00:00',
  },
};

function infoOf({world, host}: HostPlace) {
  const all = world.containers(host);
  const count = (state: string) => all.filter(each => each.state === state).length;
  const running = count('running') + count('restarting');
  return {
    Containers: all.length,
    ContainersRunning: running,
    ContainersPaused: count('paused'),
    ContainersStopped: all.length - running - count('paused'),
    Images: 1,
    Driver: 'overlay2',
    LoggingDriver: 'json-file',
    CgroupDriver: 'systemd',
    CgroupVersion: '2',
    KernelVersion: '6.1.0-28-amd64',
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 2,
    MemTotal: 8_336_654_336,
    DockerRootDir: '/var/lib/docker',
    Name: host,
    HttpProxy: '',
    HttpsProxy: '',
    RegistryConfig: {
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
      IndexConfigs: {'docker.io': {Name: 'docker.io', Mirrors: [], Secure: true, Official: true}},
      Mirrors: [],
    },
    ServerVersion: dockerVersion,
    LiveRestoreEnabled: false,
    Swarm: {LocalNodeState: 'inactive'},
    Warnings: null,
    ClientInfo: {Version: dockerVersion, Context: 'default', Plugins: [{Name: 'compose', Version: 'v2.29.7'}]},
  };
}
