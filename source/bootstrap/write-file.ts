/**
 * What writes its standard input to a file, whole or not at all: beside it, then renamed. `mask` is the umask: 077 for what only the owner
 * may read.
 */
export function writeCommand(path: string, mask: '022' | '077'): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const script = 'set -e; mkdir -p "$1"; umask "$3"; cat > "$2.new"; mv "$2.new" "$2"';
  return ['sh', '-c', script, 'write', folder, path, mask];
}
