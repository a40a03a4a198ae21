import {Box, render} from 'ink';
import {memo} from 'react';
import {type StoreApi, useStore} from 'zustand';
import {Rows} from '../widgets/rows.tsx';
import type {Frame, FrameSize} from './frame.ts';

/** What Ink shows. A part keeps its identity as long as none of its rows changes. */
export type Drawn = FrameSize & Pick<Frame, 'header' | 'body' | 'footer'>;

function Window({drawn}: {drawn: StoreApi<Drawn>}) {
  const columns = useStore(drawn, state => state.columns);
  const rows = useStore(drawn, state => state.rows);
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Part drawn={drawn} name="header" />
      <Part drawn={drawn} name="body" />
      <Part drawn={drawn} name="footer" />
    </Box>
  );
}

const Part = memo(({drawn, name}: {drawn: StoreApi<Drawn>; name: 'header' | 'body' | 'footer'}) => {
  const rows = useStore(drawn, state => state[name]);
  return rows.length === 0 ? null : <Rows rows={rows} />;
});

/** Lets Ink draw what the store holds, on this stream, at once and at every change. */
export function openWindow(drawn: StoreApi<Drawn>, stdout: NodeJS.WriteStream): {close(): void} {
  const app = render(<Window drawn={drawn} />, {
    stdout,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  return {close: () => app.unmount()};
}
