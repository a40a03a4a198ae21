import ssh2 from 'ssh2';

/** A new ed25519 key, both halves as OpenSSH writes them. ssh2 writes about one in 256 so that it cannot read it again: those are thrown away. */
export function newKey(): {private: string; public: string} {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
