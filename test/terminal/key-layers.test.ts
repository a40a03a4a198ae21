import {expect, test} from 'vitest';
import {createKeyLayers} from '../../source/terminal/key-layers.ts';

const key = (name: string) => ({kind: 'key', key: name, text: ''}) as const;

test('the handler on top is asked first, and what it leaves goes down', () => {
  const layers = createKeyLayers();
  const heard: string[] = [];
  layers.push(event => {
    heard.push(`screen ${event.kind === 'key' ? event.key : ''}`);
    return true;
  });
  const close = layers.push(event => {
    heard.push('dialog');
    return event.kind === 'key' && event.key === 'y';
  });
  layers.dispatch(key('y'));
  layers.dispatch(key('n'));
  close();
  close();
  layers.dispatch(key('y'));
  expect(heard).toEqual(['dialog', 'dialog', 'screen n', 'screen y']);
});

test('says when nobody wanted a key', () => {
  expect(createKeyLayers().dispatch(key('z'))).toBe(false);
});
