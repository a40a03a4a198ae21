import {existsSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {closeRobotsAfterEach} from './close-robots.ts';
import {keyBytes, pasteBytes} from './keys.ts';
import {localProcesses, processTree, sessionMembers} from './local-processes.ts';
import {openRobot, type RobotOptions} from './robot.ts';

closeRobotsAfterEach();

const script = (source: string, more: Partial<RobotOptions> = {}) =>
  openRobot({command: process.execPath, args: ['-e', source], ...more});
const bash = (more: Partial<RobotOptions> = {}) =>
  openRobot({command: 'bash', args: ['--norc', '--noprofile'], env: {PS1: '$ '}, ...more});

describe('screen', () => {
  test('shows what a program leaves on the screen, not what it wrote on the way', async () => {
    const robot = script(String.raw`process.stdout.write('first\x1b[2J\x1b[Hsecond\n')`);
    await robot.waitFor('second');
    await robot.exit;
    expect(robot.screen()).not.toContain('first');
    expect(robot.row(0)).toBe('second');
    expect(robot.transcript().toString()).toContain('first');
    expect(robot.rawBytes()).toBe(robot.transcript().length);
  });

  test('has the style of every cell', async () => {
    const robot = script(
      String.raw`process.stdout.write('a\x1b[1;31mb\x1b[0;2;7;38;5;208mc\x1b[0;48;2;1;2;3md\x1b[0m done')`,
    );
    await robot.waitFor('done');
    expect(robot.cell(0, 0)).toMatchObject({text: 'a', bold: false, foreground: 'default', background: 'default'});
    expect(robot.cell(1, 0)).toMatchObject({text: 'b', bold: true, foreground: 1});
    expect(robot.cell(2, 0)).toMatchObject({text: 'c', bold: false, dim: true, inverse: true, foreground: 208});
    expect(robot.cell(3, 0)).toMatchObject({text: 'd', background: '#010203', inverse: false});
    expect(() => robot.cell(80, 0)).toThrow('no cell 80,0');
    expect([...robot.modes.coloursSeen()]).toEqual(['31', '38;5;208', '48;2;1;2;3']);
    expect(robot.modes.leftOver()).toEqual([]);
  });

  test('reads bytes that are split within a character', async () => {
    const robot = script(`
      const bytes = Buffer.from('⚠ 字 ready');
      let at = 0;
      const next = () => at < bytes.length && process.stdout.write(bytes.subarray(at, ++at), () => setImmediate(next));
      next();`);
    await robot.waitFor('⚠ 字 ready');
  });

  test('answers a program that asks where the cursor is', async () => {
    const robot = script(String.raw`
      process.stdin.setRawMode(true);
      process.stdin.on('data', answer => { console.log(JSON.stringify(String(answer))); process.exit(0) });
      process.stdout.write('abc\x1b[6n')`);
    await robot.waitFor(String.raw`\u001b[1;4R`);
  });
});

describe('keys', () => {
  test('reach the program as a terminal would send them', async () => {
    const robot = script(`
      process.stdin.setRawMode(true);
      process.stdin.on('data', data => console.log([...data].map(byte => byte.toString(16)).join(' ') + '.'));
      console.log('ready');`);
    await robot.waitFor('ready');
    for (const [key, bytes] of [
      ['enter', 'd'],
      ['esc', '1b'],
      ['down', '1b 5b 42'],
      ['page-up', '1b 5b 35 7e'],
      ['ctrl-c', '3'],
      ['S', '53'],
      ['alt-x', '1b 78'],
      ['ö', 'c3 b6'],
    ] as const) {
      robot.press(key);
      await robot.waitFor(new RegExp(`^${bytes}\\.$`, 'm'));
    }
    expect(() => robot.press('no-such-key')).toThrow('no key is called');
  });

  test('follow application cursor keys', () => {
    expect(keyBytes('up')).toBe('\x1b[A');
    expect(keyBytes('up', true)).toBe('\x1bOA');
    expect(keyBytes('alt-up')).toBe('\x1b\x1b[A');
  });

  test('every printable character is its own key', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 1}), key => keyBytes(key) === key),
    );
  });

  test('a paste is framed only when the program asked for it', async () => {
    expect(pasteBytes('a\nb', false)).toBe('a\rb');
    const robot = script(String.raw`
      process.stdin.setRawMode(true);
      process.stdin.on('data', data => console.log(JSON.stringify(String(data))));
      process.stdout.write('\x1b[?2004hready');`);
    await robot.waitFor('ready');
    robot.paste('two\nlines');
    await robot.waitFor(String.raw`"\u001b[200~two\rlines\u001b[201~"`);
  });
});

describe('waiting', () => {
  test('resolves with the time at which the bytes arrived', async () => {
    const robot = script(`console.log('soon')`);
    const at = await robot.waitFor('soon');
    expect(at).toBeGreaterThanOrEqual(robot.startedAt);
    expect(at).toBeLessThanOrEqual(performance.now());
    expect(robot.firstByteAt()).toBeLessThanOrEqual(at);
  });

  test('that is in vain shows the screen', async () => {
    const robot = script(`console.log('only this'); setInterval(() => {}, 1000)`);
    await robot.waitFor('only this');
    await expect(robot.waitFor('something else', 30)).rejects.toThrow(
      /something else[\s\S]*after 30 ms[\s\S]*only this[\s\S]*running/,
    );
    await expect(robot.waitUntilGone(/only/g, 30)).rejects.toThrow(/still [\s\S]*only this/);
  });

  test('ends when the program has ended', async () => {
    const robot = script(`console.log('bye'); process.exitCode = 3`);
    await expect(robot.waitFor('never')).rejects.toThrow(/when the program ended[\s\S]*bye[\s\S]*code 3/);
    expect(await robot.exit).toEqual({code: 3, signal: 0});
  });

  test('does not look into a frame that is not finished', async () => {
    const robot = script(String.raw`
      const parts = ['\x1b[?2026hhalf', '\x1b[2K\rwhole\x1b[?2026l'];
      process.stdin.setRawMode(true);
      process.stdin.on('data', () => process.stdout.write(parts.shift()));
      process.stdout.write('ready');`);
    await robot.waitFor('ready');
    robot.press('enter');
    await vi.waitFor(() => expect(robot.transcript().toString()).toContain('half'));
    await expect(robot.waitFor('half', 20)).rejects.toThrow('synchronized output on');
    robot.press('enter');
    await robot.waitFor('whole');
  });
});

describe('the terminal', () => {
  test('tells what a program left behind', async () => {
    const robot = script(String.raw`
      process.stdout.write('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[2;5r\x1b[>1u\x1b[1;32min');
      process.stdin.once('data', () => {
        process.stdout.write('\x1b[0m\x1b[<u\x1b[r\x1b[?1006l\x1b[?1002l\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049lout');
        process.exit();
      });`);
    await robot.waitFor('in');
    expect(robot.modes.alternateScreen()).toBe(true);
    expect(robot.modes.cursorVisible()).toBe(false);
    expect(robot.modes.bracketedPaste()).toBe(true);
    expect(robot.modes.mouse()).toBe('drag');
    expect(robot.modes.leftOver()).toEqual([
      'alternate screen on',
      'cursor off',
      'automatic wrap off',
      'bracketed paste on',
      'mouse drag on',
      'SGR mouse reports on',
      'scroll region set',
      'kitty keyboard on',
      'bold on',
      'foreground on',
    ]);
    robot.press('enter');
    await robot.exit;
    expect(robot.modes.leftOver()).toEqual([]);
    expect(robot.screen()).toContain('out');
    expect(robot.screen()).not.toContain('in');
  });

  test('changes its size under the program', async () => {
    const robot = bash();
    await robot.waitFor('$ ');
    robot.resize(100, 30);
    robot.type('stty size; echo $COLUMNS\r');
    await robot.waitFor(/^30 100$/m);
  });

  test('that stops reading holds the program back and loses nothing', async () => {
    const robot = script(String.raw`
      process.stdin.once('data', () => {
        const line = 'x'.repeat(98) + '\r\n';
        for (let i = 0; i < 5000; i++) require('fs').writeSync(1, line);
        require('fs').writeSync(1, 'all of it');
      });
      process.stdout.write('ready');`);
    await robot.waitFor('ready');
    robot.stopReading();
    const before = robot.rawBytes();
    robot.press('enter');
    await new Promise(resolve => setImmediate(resolve));
    expect(robot.rawBytes()).toBe(before);
    expect(robot.ended()).toBeUndefined();
    robot.startReading();
    await robot.waitFor('all of it');
    expect(robot.rawBytes() - before).toBeGreaterThanOrEqual(500_000);
  });

  test.runIf(existsSync('/usr/bin/less'))('holds a real full-screen program', async () => {
    const robot = openRobot({command: 'less', args: ['/etc/passwd'], rows: 10});
    await robot.waitFor('root:x:0:0');
    expect(robot.modes.alternateScreen()).toBe(true);
    robot.press('G');
    await robot.waitFor('(END)');
    robot.press('q');
    expect(await robot.exit).toEqual({code: 0, signal: 0});
    expect(robot.modes.alternateScreen()).toBe(false);
  });
});

describe('the end', () => {
  test('names the signal', async () => {
    const robot = script(`console.log('up'); setInterval(() => {}, 1000)`);
    await robot.waitFor('up');
    robot.kill('SIGTERM');
    expect(await robot.exit).toEqual({code: 0, signal: 15});
  });

  test('close takes the whole session along, also what ignores a hang-up', async () => {
    const robot = bash();
    await robot.waitFor('$ ');
    robot.type(`trap '' HUP TERM; (trap '' HUP TERM; sleep 1000) & nohup sleep 1001 >/dev/null & echo start''ed\r`);
    await robot.waitFor('started');
    const members = sessionMembers(robot.pid);
    expect(members.length).toBeGreaterThanOrEqual(3);
    expect(processTree(robot.pid)).toEqual(expect.arrayContaining(members));
    await robot.close();
    const alive = new Set(localProcesses().map(one => one.pid));
    expect(members.filter(pid => alive.has(pid))).toEqual([]);
  });

  test('close after the end, and while nobody reads', async () => {
    const ended = script('');
    await ended.exit;
    await ended.close();
    const stalled = script(`for (;;) console.log('x'.repeat(1000))`);
    await stalled.waitFor('x');
    stalled.stopReading();
    await stalled.close();
    expect(sessionMembers(stalled.pid)).toEqual([]);
  });
});
