import type {HostSettings} from './host-settings.ts';

/** A host for a person: `vm2 (10.77.0.12:22)`; the name alone where it says it all. */
export function hostLabel({name, address, port}: Pick<HostSettings, 'name' | 'address' | 'port'>): string {
  if (name === address && port === 22) return name;
  return `${name} (${address.includes(':') ? `[${address}]` : address}:${port})`;
}
