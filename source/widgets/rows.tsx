import {Box, Text} from 'ink';

/**
 * Rows that are ready strings, one line each, cut at the edge. Keyed by position: a row that scrolls is a new text in the
 * same place, which Ink draws faster than a new row. `height` fills up with blank rows, or cuts.
 */
export function Rows({rows, height = rows.length}: {rows: readonly string[]; height?: number}) {
  // A text without characters has no height in Ink.
  const lines = Array.from({length: height}, (_, position) => ({position, line: rows[position] || ' '}));
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {lines.map(({position, line}) => (
        <Text key={position} wrap="truncate">
          {line}
        </Text>
      ))}
    </Box>
  );
}
