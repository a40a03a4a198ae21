import type {Robot} from '../robot/robot.ts';

/** Whether the screen has the whole table: every node by name, the primary, and all the others as secondaries. */
export function showsWholeTable(nodeNames: readonly string[]): (screen: string) => boolean {
  return screen =>
    nodeNames.every(name => screen.includes(name)) &&
    /\bprimary\b/.test(screen) &&
    [...screen.matchAll(/\bsecondary\b/g)].length >= nodeNames.length - 1;
}

/** Which rows stand out at their left edge, by mark or style: changes when the selection moves, not when values do. */
export function selectionMark(robot: Robot): string {
  const rows = robot.screen().split('\n').length;
  const marks: string[] = [];
  for (let y = 0; y < rows; y += 1) {
    const cells = [0, 1, 2, 3].map(x => robot.cell(x, y));
    if (cells.some(cell => cell.inverse || /[>▶▸❯*]/.test(cell.text) || cell.background !== 'default'))
      marks.push(String(y));
  }
  return marks.join(',');
}

/** The words of the log pane's title without its numbers: changes when a mode is switched, not when counters move. */
export function logTitleWords(robot: Robot): string {
  const title =
    robot
      .screen()
      .split('\n')
      .find(row => /\S@\S/.test(row)) ?? '';
  return title.replaceAll(/[\d.,]+/g, '').replaceAll(/ +/g, ' ');
}

/** The highest number of the log flood's lines that shows; 0 without one. */
export function newestFloodLine(screen: string): number {
  return Math.max(0, ...[...screen.matchAll(/flood line (\d{9})/g)].map(([, number]) => Number(number)));
}
