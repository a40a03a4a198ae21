/** The word for a cluster's environment that stands before its name: PROD, or its own in capitals. */
export function environmentWord(environment: string | undefined): string | undefined {
  return environment === 'production' ? 'PROD' : environment?.toUpperCase();
}
