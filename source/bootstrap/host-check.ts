import type {Check} from '../actions/action.ts';

/** One cell of the matrix: a check of one host. */
export type HostCheck = Check & {host: string; remedy?: string};

export function passed(host: string, id: string, title: string, evidence: string): HostCheck {
  return {host, id, result: 'pass', title, evidence};
}

export function failed(host: string, id: string, title: string, evidence: string, remedy: string): HostCheck {
  return {host, id, result: 'fail', title, evidence, remedy};
}

export function warned(host: string, id: string, title: string, evidence: string, remedy: string): HostCheck {
  return {host, id, result: 'warn', title, evidence, remedy};
}
