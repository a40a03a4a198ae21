import type {Notice} from '../answer.ts';
import type {Argument, Condition, Expression, Select} from './select.ts';
import {
  type Column,
  type Failure,
  failure,
  notKnown,
  type SqlType,
  type SqlValue,
  type StatementResult,
  type Table,
} from './table.ts';

/** The arguments of a call: by position, or by name. */
export type Given = {positional: readonly SqlValue[]; named: ReadonlyMap<string, SqlValue>};

/** What a function returns: its value, an error, or undefined when there is no such function. */
export type FunctionResult =
  | {ok: true; value: SqlValue; type: SqlType; notices?: readonly Notice[]}
  | Failure
  | undefined;

/** What a database knows: its functions, and its tables, views and functions that return rows. */
export type Catalog = {
  call(name: string, given: Given): FunctionResult;
  table(name: string, given: Given | undefined): Table | Failure | undefined;
};

type Evaluated = {ok: true; value: SqlValue; type: SqlType; name: string; notices: readonly Notice[]} | Failure;

/** Runs a select on a catalog. */
export function evaluateSelect(select: Select, catalog: Catalog): StatementResult {
  return select.from === undefined ? evaluateList(select, catalog) : evaluateTable(select, select.from, catalog);
}

function evaluateList(select: Select, catalog: Catalog): StatementResult {
  if (select.where.length > 0) return notKnown();
  const columns: Column[] = [];
  const row: SqlValue[] = [];
  const notices: Notice[] = [];
  for (const {expression, as} of select.items) {
    if (expression === '*') return failure('42601', 'SELECT * with no tables specified is not valid');
    const result = evaluate(expression, catalog);
    if (!result.ok) return {...result, notices: [...notices, ...result.notices]};
    columns.push({name: as ?? result.name, type: result.type});
    row.push(result.value);
    notices.push(...result.notices);
  }
  return {ok: true, tag: 'SELECT 1', table: {columns, rows: [row]}, notices};
}

function evaluate(expression: Expression, catalog: Catalog): Evaluated {
  switch (expression.kind) {
    case 'literal':
      return {ok: true, value: expression.value, type: typeOf(expression.value), name: '?column?', notices: []};
    case 'column': {
      const result = catalog.call(expression.name, {positional: [], named: new Map()});
      // current_user and its like are functions without parentheses.
      if (result?.ok === true && /^(current_|session_user|user$)/.test(expression.name))
        return {...result, name: expression.name, notices: []};
      return failure('42703', `column "${expression.name}" does not exist`);
    }
    case 'call': {
      const given = givenOf(expression.arguments, catalog);
      if (!('positional' in given)) return given;
      const result = catalog.call(expression.name, given);
      if (result === undefined) return unknownFunction(expression.name, given);
      if (!result.ok) return result;
      const name = expression.name.replace(/^pgautofailover\./, '');
      return {...result, name, notices: result.notices ?? []};
    }
  }
}

function givenOf(list: readonly Argument[], catalog: Catalog): Given | Failure {
  const positional: SqlValue[] = [];
  const named = new Map<string, SqlValue>();
  for (const argument of list) {
    const result = evaluate(argument.value, catalog);
    if (!result.ok) return result;
    if (argument.name === undefined) positional.push(result.value);
    else named.set(argument.name, result.value);
  }
  return {positional, named};
}

function evaluateTable(select: Select, from: NonNullable<Select['from']>, catalog: Catalog): StatementResult {
  const given = from.arguments === undefined ? undefined : givenOf(from.arguments, catalog);
  if (given !== undefined && !('positional' in given)) return given;
  const table = catalog.table(from.name, given) ?? functionTable(from.name, given, catalog);
  if (table === undefined) {
    return given === undefined
      ? failure('42P01', `relation "${from.name}" does not exist`)
      : unknownFunction(from.name, given);
  }
  if ('ok' in table) return table;
  const chosen = choose(table, select, catalog);
  return 'ok' in chosen ? chosen : project(chosen, select);
}

/** A function that returns one value can stand in from as well. */
function functionTable(name: string, given: Given | undefined, catalog: Catalog): Table | Failure | undefined {
  const result = given === undefined ? undefined : catalog.call(name, given);
  if (result === undefined || !result.ok) return result;
  const column = name.replace(/^pgautofailover\./, '');
  return {columns: [{name: column, type: result.type}], rows: [[result.value]]};
}

function choose(table: Table, select: Select, catalog: Catalog): Table | StatementResult {
  let rows = table.rows;
  for (const condition of select.where) {
    const index = indexOf(table, condition.column);
    if (index < 0) return failure('42703', `column "${condition.column}" does not exist`);
    const value = evaluate(condition.value, catalog);
    if (!value.ok) return value;
    const wanted = value.value;
    rows = rows.filter(row => holds(row[index] ?? null, condition.operator, wanted));
  }
  if (select.orderBy !== undefined) {
    const {column, descending} = select.orderBy;
    const index = /^\d+$/.test(column) ? Number(column) - 1 : indexOf(table, column);
    if (index < 0) return failure('42703', `column "${column}" does not exist`);
    rows = [...rows].sort((a, b) => compare(a[index] ?? null, b[index] ?? null) * (descending ? -1 : 1));
  }
  return {columns: table.columns, rows: select.limit === undefined ? rows : rows.slice(0, select.limit)};
}

function project(table: Table, select: Select): StatementResult {
  const [first] = select.items;
  if (
    select.items.length === 1 &&
    first !== undefined &&
    first.expression !== '*' &&
    first.expression.kind === 'call'
  ) {
    if (first.expression.name !== 'count') return notKnown();
    const counted = {columns: [{name: first.as ?? 'count', type: 'int8' as const}], rows: [[table.rows.length]]};
    return {ok: true, tag: 'SELECT 1', table: counted, notices: []};
  }
  const columns: Column[] = [];
  const indexes: number[] = [];
  for (const {expression, as} of select.items) {
    if (expression === '*') {
      columns.push(...table.columns);
      indexes.push(...table.columns.keys());
      continue;
    }
    if (expression.kind !== 'column') return notKnown();
    const index = indexOf(table, expression.name);
    const column = table.columns[index];
    if (column === undefined) return failure('42703', `column "${expression.name}" does not exist`);
    columns.push({name: as ?? column.name, type: column.type});
    indexes.push(index);
  }
  const rows = table.rows.map(row => indexes.map(index => row[index] ?? null));
  return {ok: true, tag: `SELECT ${rows.length}`, table: {columns, rows}, notices: []};
}

function indexOf(table: Table, name: string): number {
  return table.columns.findIndex(column => column.name === name);
}

function holds(value: SqlValue, operator: Condition['operator'], wanted: SqlValue): boolean {
  if (wanted === null) return operator === '=' ? value === null : value !== null;
  if (value === null) return false;
  if (operator === 'like') return isLike(String(value), String(wanted));
  const order = compare(value, wanted);
  switch (operator) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    default:
      return order !== 0;
  }
}

/** In steps of at most length times length: a regular expression of many `%` could take for ever. */
function isLike(text: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let lastAny = -1;
  for (let index = 0; index < text.length; ) {
    const wanted = pattern[at];
    if (wanted === '%') {
      lastAny = at;
      from = index;
      at += 1;
    } else if (wanted === '_' || wanted === text[index]) {
      at += 1;
      index += 1;
    } else {
      if (lastAny < 0) return false;
      // The last `%` stands for one character more.
      from += 1;
      index = from;
      at = lastAny + 1;
    }
  }
  return /^%*$/.test(pattern.slice(at));
}

function compare(a: SqlValue, b: SqlValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b);
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(truth(a)) - Number(truth(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A boolean as a statement may give it; undefined for anything else. */
export function truth(value: SqlValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (['t', 'true', 'on', 'yes', '1'].includes(text)) return true;
  return ['f', 'false', 'off', 'no', '0'].includes(text) ? false : undefined;
}

function typeOf(value: SqlValue): SqlType {
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'int4' : 'text';
}

function unknownFunction(name: string, given: Given): Failure {
  const types = given.positional.map(
    value => ({text: 'unknown', bool: 'boolean', int4: 'integer'})[String(typeOf(value))],
  );
  return failure('42883', `function ${name}(${types.join(', ')}) does not exist`, {
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  });
}
