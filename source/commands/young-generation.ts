import {PerformanceObserver} from 'node:perf_hooks';
import {getHeapSpaceStatistics, setFlagsFromString} from 'node:v8';

/** Room for new objects that is enough: V8 would go on to four times as much and never give it back. Bytes. */
const enough = 32 * 1024 * 1024;

/**
 * Ends the growth of the room for new objects, of which most live for a moment only, when there is enough of it. More would save
 * nothing and cost a hundred megabytes; its size can only be given to Node's own command line, which is not ours. Returns what ends it.
 */
export function boundYoungGeneration(): () => void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(space => space.space_name === 'new_space');
    if (young === undefined || young.space_size < enough) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({entryTypes: ['gc']});
  return () => observer.disconnect();
}
