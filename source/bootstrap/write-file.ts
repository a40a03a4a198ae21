/**
 * What writes its standard input, which is to be `content`, to a file, whole or not at all: beside it, then renamed. `mask` is the umask: 077 for
 * what only the owner may read.
 */
export function writeCommand(path: string, content: string, mask: '022' | '077'): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf('/'));
  // When the one who writes is killed, what comes here ends as if it were complete.
  const script =
    'set -e; mkdir -p "$1"; umask "$3"; cat > "$2.new"; [ "$(wc -c < "$2.new")" -eq "$4" ]; mv "$2.new" "$2"';
  return ['sh', '-c', script, 'write', folder, path, mask, String(Buffer.byteLength(content))];
}
