/** The part of bcrypt-pbkdf that ssh2 brings along and that is used here; the package has no types of its own. */
declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** One bcrypt of a SHA-512 of the passphrase and one of the salt, 64 bytes each, into 32 bytes. Takes about 9 ms. */
    hash(passphrase: Uint8Array, salt: Uint8Array, result: Uint8Array): void;
  };
  export default bcrypt;
}
