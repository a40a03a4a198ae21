import {hostPath} from '../config/bootstrap-schema.ts';
import {type BootstrapSettings, defaultBootstrap} from '../config/configuration.ts';
import type {BootstrapDraft} from '../config/configuration-text.ts';
import {isPlainName} from '../config/plain-name.ts';
import type {Questions} from './questions.ts';

const authentications: readonly BootstrapSettings['authentication'][] = ['scram-sha-256', 'md5', 'trust'];
const encryptions: readonly BootstrapSettings['ssl'][] = ['self-signed', 'none', 'verify-ca', 'verify-full'];

/** Asks how `pgaf bootstrap` is to make a cluster of so many nodes. undefined: it is not to. */
export async function askForBootstrap(
  ask: Questions,
  {nodes, image: standardImage}: {nodes: number; image: string},
): Promise<{image: string; bootstrap: BootstrapDraft} | undefined> {
  ask.say('\n`pgaf bootstrap` can make this cluster: nothing of pg_auto_failover is there yet.\n');
  if (!(await ask.yes('Say how?', true))) return undefined;
  const image = await ask.text('Image', standardImage, answer =>
    /^[\w./:@-]+$/.test(answer) ? undefined : 'expected the name of an image, as docker pull takes it',
  );
  const authentication = await oneOf(
    ask,
    'How nodes and clients prove who they are',
    authentications,
    defaultBootstrap.authentication,
  );
  const ssl = await oneOf(ask, 'TLS', encryptions, defaultBootstrap.ssl);
  const certificates = ssl === 'verify-ca' || ssl === 'verify-full' ? await askForCertificates(ask) : undefined;
  const most = Math.max(0, nodes - 2);
  const numberSyncStandbys = Number(
    await ask.text(
      'Standbys that confirm each commit (number-sync-standbys)',
      String(Math.min(defaultBootstrap.numberSyncStandbys, most)),
      answer =>
        /^\d+$/.test(answer) && Number(answer) <= most
          ? undefined
          : `expected a number from 0 to ${most}: of ${nodes} nodes one is the primary, and one may be lost`,
    ),
  );
  const name = await ask.text('Database of the application (- for none)', '-', answer =>
    answer === '-' ? undefined : nameMistake(answer),
  );
  const database = name === '-' ? undefined : {name, user: await ask.text('  Its user', name, nameMistake)};
  return {image, bootstrap: {authentication, ssl, certificates, numberSyncStandbys, database}};
}

async function askForCertificates(ask: Questions): Promise<BootstrapDraft['certificates']> {
  const file = (label: string, standard: string) =>
    ask.text(`  ${label}`, standard, answer =>
      hostPath(standard).safeParse(answer).success ? undefined : 'expected an absolute path on the hosts',
    );
  return {
    authority: await file("The authority's certificate, on each host", '/etc/pgaf/ca.crt'),
    certificate: await file("The host's certificate", '/etc/pgaf/server.crt'),
    key: await file('Its key', '/etc/pgaf/server.key'),
  };
}

async function oneOf<T extends string>(ask: Questions, label: string, words: readonly T[], standard: T): Promise<T> {
  const answer = await ask.text(`${label} (${words.join(', ')})`, standard, typed =>
    words.some(word => word === typed) ? undefined : `expected one of ${words.join(', ')}`,
  );
  return words.find(word => word === answer) ?? standard;
}

function nameMistake(answer: string): string | undefined {
  return isPlainName(answer) ? undefined : 'expected a plain name in lower case, such as orders';
}
